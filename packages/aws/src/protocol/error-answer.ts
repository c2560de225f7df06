import { ResponseParseError } from "../client/errors.ts";

const errorAnswer: unique symbol = Symbol("errorAnswer");

/** Marks what `parse` throws for a body whose root element is an error. */
export function markErrorAnswer(error: ResponseParseError): ResponseParseError {
  Object.defineProperty(error, errorAnswer, { value: true });
  return error;
}

/**
 * `parse` of a codec refused the body because its root element is an error: a service that had
 * already sent status 200 when it failed (§13.4). Read it with `parseError`, as status 500.
 */
export function isErrorAnswer(error: unknown): boolean {
  return error instanceof ResponseParseError && errorAnswer in error;
}
