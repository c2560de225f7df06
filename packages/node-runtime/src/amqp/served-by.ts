import type { Handler } from "../load-handler.ts";

/** What a runtime leaves for `launch` in the process or thread whose function it loads. */
interface ServedMark {
  /** What the module gave to `launch`. */
  handler: Handler | undefined;
}

// Global: the function may have another copy of this package than the runtime that loads it.
const markKey = Symbol.for("@lambdad/node-runtime.served");
const marked = globalThis as { [markKey]?: ServedMark };

/** Says that a runtime serves the modules of this thread: `launch` has nothing to do in them. */
export function markServed(): void {
  marked[markKey] ??= { handler: undefined };
}

/** Keeps the handler that a module gave to `launch`. `false`: no runtime serves it. */
export function keepHandler(handler: Handler | undefined): boolean {
  const mark = marked[markKey];
  if (mark === undefined) return false;
  mark.handler = handler ?? mark.handler;
  return true;
}

/** The handler that the module gave to `launch`, if it did. */
export function givenHandler(): Handler | undefined {
  return marked[markKey]?.handler;
}
