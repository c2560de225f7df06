import { HostError } from "@lambdad/core";
import { RpcTimeoutError } from "./rpc-errors.ts";
import type { RpcReply } from "./rpc-reply.ts";

/** How a reply that was to be taken piece by piece has ended. */
export interface RpcStreamReply {
  /**
   * Streamed: without a payload, or with the function's error when the stream broke off. Otherwise the
   * whole reply.
   */
  readonly reply: RpcReply;
  /** The sink was given the response. */
  readonly isStreamed: boolean;
}

/** A part of a streamed reply is missing. */
export function brokenStreamError(): HostError {
  const text =
    "The response broke off: its host was lost, another has begun it anew, or it was not read in time";
  return new HostError("ServiceUnavailable", text);
}

/** The end of a stream whose beginning the caller has already: an error in the place of the rest. */
export function brokenReplyOf(error: unknown): RpcReply {
  const errorType =
    error instanceof RpcTimeoutError ? "Sandbox.Timedout" : "Runtime.TruncatedResponse";
  const errorMessage = error instanceof Error ? error.message : String(error);
  return {
    payload: Buffer.from(JSON.stringify({ errorType, errorMessage })),
    contentType: "application/json",
    functionError: "Unhandled",
    executedVersion: "$LATEST",
    logTail: undefined,
  };
}
