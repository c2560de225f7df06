import type { RpcClient, RpcReply } from "@lambdad/invoke-amqp";
import type { CallBroker, InvokeCommand } from "../cli/command.ts";
import { amqpPayload } from "./amqp-payload.ts";
import { connectToBroker, endConnection } from "./broker-connection.ts";
import { CallFailure } from "./call-failure.ts";
import { queueNameOf } from "./queue-name.ts";
import { type CallOutcome, describeError, errorBytesMax } from "./read-response.ts";
import { failureOfRpc } from "./rpc-failure.ts";

export interface AmqpCallOptions {
  readonly payload: Uint8Array;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Hears of each attempt to connect that failed while there are others to come. */
  readonly onRetry: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Carries `lambdad invoke` out over AMQP, and writes the response as it is.
 *
 * @throws {CallFailure} when the function was not run, or its answer was lost.
 * @throws {UsageError} when the broker's URI cannot be read.
 */
export async function callOverAmqp(
  broker: CallBroker,
  command: InvokeCommand,
  { payload, write, onRetry, signal }: AmqpCallOptions,
): Promise<CallOutcome> {
  const client = await connectToBroker(broker, { timeoutMs: command.timeoutMs, signal, onRetry });
  try {
    const reply = await send(client, command, payload, signal);
    if (reply === undefined) return { failure: undefined, logTail: undefined, lastByte: undefined };
    await write(reply.payload);
    return outcomeOf(reply);
  } catch (error) {
    signal.throwIfAborted();
    throw failureOfRpc(error);
  } finally {
    await endConnection(client);
  }
}

/** Resolves with the reply; `undefined` for what has none. */
async function send(
  client: RpcClient,
  { functionName, type, log, clientContext }: InvokeCommand,
  payload: Uint8Array,
  signal: AbortSignal,
): Promise<RpcReply | undefined> {
  const queue = queueNameOf(functionName);
  const { body, contentType } = amqpPayload(payload);
  const options = { contentType, clientContext, signal };
  switch (type) {
    case "RequestResponse":
      return await client.call(queue, body, { ...options, logTail: log });
    case "Event":
      await client.sendBytes(queue, body, options);
      return undefined;
    case "DryRun":
      if (await client.exists(queue)) return undefined;
      throw new CallFailure("ResourceNotFoundException", `there is no queue '${queue}'`);
    default:
      return type satisfies never;
  }
}

function outcomeOf({ payload, functionError, logTail }: RpcReply): CallOutcome {
  const failure =
    functionError === undefined
      ? undefined
      : describeError(payload.toString("utf8", 0, errorBytesMax), functionError);
  return { failure, logTail, lastByte: payload.at(-1) };
}
