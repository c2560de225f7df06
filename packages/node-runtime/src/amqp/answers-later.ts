import type { Handler } from "../load-handler.ts";

/**
 * Whether a handler that returns nothing may still answer: by its callback, or by `context.done` and its
 * kin. AWS waits for an event loop with nothing left to do; in a process that serves many calls at once
 * it never empties, so the handler itself must tell: by a third parameter, or by calling a method of its
 * second one by name.
 */
export function answersLater(handler: Handler): boolean {
  if (handler.length >= 3) return true;
  if (handler.length !== 2) return false;
  const source = Function.prototype.toString.call(handler);
  const [, context] = /^[^(]*\(\s*[^,()]*,\s*([\w$]+)\s*\)/.exec(source) ?? [];
  if (context === undefined) return false;
  const name = context.replaceAll("$", String.raw`\$`);
  return new RegExp(String.raw`(?<![\w$.])${name}\s*\.\s*(?:done|succeed|fail)\b`).test(source);
}
