import {
  type Invocation,
  type Invoker,
  type InvokeResult,
  payloadBytes,
  payloadOf,
} from "@lambdad/core";
import type { RpcCallOptions } from "./rpc-options.ts";
import type { RpcClient } from "./rpc-client.ts";
import { RpcTimeoutError } from "./rpc-errors.ts";
import { functionErrorOf, type RpcReply } from "./rpc-reply.ts";

export interface AmqpInvokerOptions {
  readonly client: RpcClient;
  /**
   * The fail-safe: an invocation without a reply for so long has timed out, in milliseconds; 0: never.
   * The function's own limit is its host's to hold. Default: that of the client.
   */
  readonly timeoutMs?: number;
}

/**
 * Has functions run by whoever consumes the queue of their name.
 *
 * A caller that leaves ends the wait; a host that has taken the request runs it to its end. A caller
 * that wants the response as a stream gets it piece by piece from hosts of ours, and whole from others.
 */
export class AmqpInvoker implements Invoker {
  readonly #client: RpcClient;
  readonly #timeoutMs: number | undefined;

  constructor({ client, timeoutMs }: AmqpInvokerOptions) {
    this.#client = client;
    this.#timeoutMs = timeoutMs;
  }

  async invoke(invocation: Invocation, signal: AbortSignal): Promise<InvokeResult> {
    const { functionName, payload } = invocation;
    const body = payloadBytes(payload);
    if (invocation.type === "Event") {
      await this.#client.sendBytes(functionName, body, this.#optionsOf(invocation, signal));
      return returned(invocation, accepted);
    }
    try {
      const options = this.#optionsOf(invocation, signal);
      const { stream } = invocation;
      if (stream === undefined) {
        return resultOf(invocation, await this.#client.call(functionName, body, options));
      }
      const end = await this.#client.stream(functionName, body, stream, options);
      return end.isStreamed ? streamedOf(end.reply) : resultOf(invocation, end.reply);
    } catch (error) {
      if (error instanceof RpcTimeoutError) return timedOut(invocation, error.timeoutMs);
      throw error;
    }
  }

  #optionsOf(invocation: Invocation, signal: AbortSignal): RpcCallOptions {
    const timeoutMs = timeoutOf(invocation, this.#timeoutMs);
    return {
      signal,
      contentType: invocation.contentType,
      traceId: invocation.traceId,
      clientContext: invocation.clientContext,
      requestId: invocation.requestId,
      tenantId: invocation.tenantId,
      logTail: invocation.logTail,
      ...(timeoutMs === undefined || invocation.type === "Event" ? {} : { timeoutMs }),
    };
  }
}

/** What a caller of an event may know: the broker has it. */
const accepted: RpcReply = {
  payload: Buffer.alloc(0),
  contentType: "",
  functionError: undefined,
  executedVersion: "$LATEST",
  logTail: undefined,
};

function timeoutOf({ expiresAtMs }: Invocation, timeoutMs: number | undefined): number | undefined {
  if (expiresAtMs === undefined) return timeoutMs;
  const restMs = Math.max(1, expiresAtMs - performance.now());
  return timeoutMs === undefined || timeoutMs === 0 ? restMs : Math.min(timeoutMs, restMs);
}

function resultOf(invocation: Invocation, reply: RpcReply): InvokeResult {
  if (reply.functionError === undefined) return returned(invocation, reply);
  const { executedVersion, logTail, payload } = reply;
  return {
    kind: "failed",
    executedVersion,
    logTail,
    payload: payloadOf(payload),
    contentType: jsonUnlessNamed(reply),
    errorType: functionErrorOf(reply).errorType,
  };
}

/** The end of a response that the caller has been given. */
function streamedOf(reply: RpcReply): InvokeResult {
  const { executedVersion, logTail, payload, functionError } = reply;
  const error =
    functionError === undefined
      ? undefined
      : { errorType: functionErrorOf(reply).errorType, payload: payloadOf(payload) };
  return { kind: "streamed", executedVersion, logTail, error };
}

function returned({ stream }: Invocation, reply: RpcReply): InvokeResult {
  const { executedVersion, logTail, payload } = reply;
  const contentType = jsonUnlessNamed(reply);
  if (stream === undefined) {
    const kind = "returned";
    return { kind, executedVersion, logTail, payload: payloadOf(payload), contentType };
  }
  stream.start(contentType);
  stream.write(payload);
  return { kind: "streamed", executedVersion, logTail, error: undefined };
}

function jsonUnlessNamed({ contentType }: RpcReply): string {
  return contentType === "" ? "application/json" : contentType;
}

function timedOut({ requestId }: Invocation, timeoutMs: number): InvokeResult {
  const errorType = "Sandbox.Timedout";
  const seconds = (timeoutMs / 1000).toFixed(2);
  const errorMessage = `RequestId: ${requestId} Error: Task timed out after ${seconds} seconds`;
  return {
    kind: "failed",
    executedVersion: "$LATEST",
    logTail: undefined,
    payload: payloadOf(JSON.stringify({ errorType, errorMessage })),
    contentType: "application/json",
    errorType,
  };
}
