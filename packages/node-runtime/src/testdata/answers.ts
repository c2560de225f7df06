import assert from "node:assert/strict";
import type { Answer, InitFailure, ProcessEnd } from "./fake-host.ts";

export interface ParsedError {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** The JSON text that the function returned. */
export function returned(answer: Answer): string {
  assert.equal(answer.kind, "returned", JSON.stringify(answer));
  return answer.kind === "returned" ? answer.json : "";
}

/** The error that the function answered with; its type is on the wire twice. */
export function failed(answer: Answer | InitFailure | ProcessEnd): ParsedError {
  assert.ok("json" in answer && "errorType" in answer, JSON.stringify(answer));
  const error = JSON.parse(answer.json) as ParsedError;
  assert.deepEqual(Object.keys(error), ["errorType", "errorMessage", "trace"]);
  assert.equal(answer.errorType, error.errorType);
  return error;
}

export interface Streamed {
  readonly contentType: string;
  readonly body: Buffer;
  readonly error: ParsedError | undefined;
}

/** The whole of a streamed answer. */
export function streamed(answer: Answer): Streamed {
  assert.equal(answer.kind, "streamed", JSON.stringify(answer));
  if (answer.kind !== "streamed") throw new Error("unreachable");
  const { contentType, chunks, error } = answer;
  if (error === undefined) return { contentType, body: Buffer.concat(chunks), error };
  const parsed = JSON.parse(error.json) as ParsedError;
  assert.equal(error.errorType, parsed.errorType);
  return { contentType, body: Buffer.concat(chunks), error: parsed };
}
