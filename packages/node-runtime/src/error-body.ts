import { util } from "./builtins.ts";
import type { ErrorBody } from "./runtime-client.ts";
import { RuntimeError } from "./runtime-error.ts";

/** What AWS answers when an error cannot even be looked at, e.g. because its `message` throws. */
const unreadable: ErrorBody = {
  errorType: "handled",
  errorMessage:
    "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack",
  trace: [],
};

/**
 * Anything thrown, as AWS's runtime reports it: an error with its name, message and stack; any other
 * value with its `typeof` and its text. A cause is not part of it. Never throws.
 */
export function errorBody(thrown: unknown): ErrorBody {
  try {
    if (!isError(thrown)) {
      return { errorType: typeof thrown, errorMessage: escaped(String(thrown)), trace: [] };
    }
    const { name, message, stack }: Readonly<Record<"name" | "message" | "stack", unknown>> = {
      name: thrown.name,
      message: thrown.message,
      stack: thrown.stack,
    };
    return {
      errorType: escaped(String(name)),
      errorMessage: escaped(String(message)),
      trace: typeof stack === "string" ? escaped(stack).split("\n") : [],
    };
  } catch {
    return unreadable;
  }
}

/** Anything thrown as an error: itself, or one with its text. Never throws. */
export function asError(thrown: unknown): Error {
  try {
    return isError(thrown) ? thrown : new Error(String(thrown));
  } catch {
    return new Error(unreadable.errorMessage);
  }
}

/** What AWS makes of a promise that was rejected, and that nobody waited for. Never throws. */
export function unhandledRejection(reason: unknown, promise: unknown): RuntimeError {
  let text: string;
  try {
    text = String(reason);
  } catch {
    text = unreadable.errorMessage;
  }
  const error = new RuntimeError("UnhandledPromiseRejection", text);
  return Object.assign(error, { reason, promise });
}

/**
 * The JSON that follows "Invoke Error" in a text log: all enumerable members, also of causes. Never throws.
 */
export function errorLogText(thrown: unknown): string {
  const error = asError(thrown);
  try {
    return `\t${JSON.stringify(error, (_key, value: unknown) => withMembers(value))}`;
  } catch {
    return `\t${JSON.stringify(errorBody(error))}`;
  }
}

/** Errors of other realms (`node:vm`) count too, and so does what AWS takes for one by its members. */
export function isError(value: unknown): value is Error {
  if (value instanceof Error || util.types.isNativeError(value)) return true;
  if (typeof value !== "object" || value === null) return false;
  const { name, message, stack } = value as Record<string, unknown>;
  return [name, message, stack].every((member) => typeof member === "string" && member !== "");
}

function withMembers(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { code } = value as { readonly code?: unknown };
  const members: Record<string, unknown> = {
    errorType: value.name,
    errorMessage: value.message,
    code,
    ...(value.cause === undefined ? {} : { cause: value.cause }),
  };
  Object.assign(members, value);
  if (typeof value.stack === "string") members["stack"] = value.stack.split("\n");
  return members;
}

/** DEL is the one character that AWS escapes: it is not allowed in a header. */
function escaped(text: string): string {
  return text.replaceAll("\x7f", "%7F");
}
