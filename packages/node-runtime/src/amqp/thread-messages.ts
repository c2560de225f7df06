import type { Invocation, InvokeResult } from "@lambdad/core";
import type { FunctionEnvironment } from "../invocation-context.ts";
import type { ErrorBody } from "../runtime-client.ts";

/** What a worker thread gets when it is made. */
export interface ThreadSettings {
  /** The module to load; `undefined`: echo. */
  readonly url: string | undefined;
  readonly handlerName: string | undefined;
  readonly environment: FunctionEnvironment;
}

/** What a thread is told. */
export type ThreadOrder =
  | ThreadCall
  /** A piece of the call's response has been passed on: the next one may come. */
  | { readonly kind: "taken"; readonly id: number };

/** One call, on its way to a thread. */
export interface ThreadCall {
  readonly kind: "call";
  readonly id: number;
  /** The caller takes the response piece by piece. */
  readonly streams: boolean;
  readonly invocation: ThreadInvocation;
  /** Until the deadline: the threads' clocks begin at different times. */
  readonly remainingMs: number;
  /** The event, a copy of its own that is handed over. */
  readonly event: Uint8Array;
}

/** The members of an invocation that a handler can see. */
export type ThreadInvocation = Pick<
  Invocation,
  | "requestId"
  | "functionName"
  | "qualifier"
  | "invokedFunctionArn"
  | "type"
  | "contentType"
  | "traceId"
  | "clientContext"
  | "cognitoIdentity"
  | "tenantId"
  | "logTail"
>;

/** What a thread says. */
export type ThreadMessage =
  | { readonly kind: "ready" }
  /** The function could not be loaded; the thread ends. */
  | { readonly kind: "initFailed"; readonly error: ErrorBody }
  /** The response to a caller that takes it piece by piece begins. */
  | { readonly kind: "started"; readonly id: number; readonly contentType: string }
  /** A part of it; each is answered with `taken`. */
  | { readonly kind: "piece"; readonly id: number; readonly bytes: Uint8Array }
  /** The end; of a response that has gone piece by piece, without its bytes. */
  | { readonly kind: "answer"; readonly id: number; readonly answer: ThreadAnswer };

export type ThreadAnswer = ThreadAnswerBytes &
  ({ readonly kind: "returned" } | { readonly kind: "failed"; readonly errorType: string });

interface ThreadAnswerBytes {
  readonly bytes: Uint8Array;
  readonly contentType: string;
  readonly logTail: Uint8Array | undefined;
}

/** The result that an answer stands for. */
export function resultOf(answer: ThreadAnswer, executedVersion: string): InvokeResult {
  const { bytes, contentType, logTail } = answer;
  const payload = { chunks: [bytes], byteLength: bytes.byteLength };
  const common = { payload, contentType, executedVersion, logTail };
  return answer.kind === "returned"
    ? { kind: "returned", ...common }
    : { kind: "failed", ...common, errorType: answer.errorType };
}
