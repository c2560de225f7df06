import type { RpcClient, RpcReply, RpcStreamReply } from "@lambdad/invoke-amqp";
import type { CallBroker, InvokeCommand } from "../cli/command.ts";
import { amqpPayload } from "./amqp-payload.ts";
import { connectToBroker, endConnection } from "./broker-connection.ts";
import { CallFailure } from "./call-failure.ts";
import { queueNameOf } from "./queue-name.ts";
import { type CallOutcome, describeError, errorBytesMax } from "./read-response.ts";
import { failureOfRpc } from "./rpc-failure.ts";
import { WritingSink } from "./writing-sink.ts";

export interface AmqpCallOptions {
  readonly payload: Uint8Array;
  readonly write: (bytes: Uint8Array) => Promise<void>;
  /** Hears of each attempt to connect that failed while there are others to come. */
  readonly onRetry: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Carries `lambdad invoke` out over AMQP, and writes the response as it is: piece by piece, if the
 * command says so.
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
  const sink = new WritingSink(write);
  try {
    const ending = await send(client, command, { payload, sink, signal });
    if (ending === undefined) {
      return { failure: undefined, logTail: undefined, lastByte: undefined };
    }
    const { reply, isStreamed } = ending;
    // What broke off because nobody waits any more is no failure of the function.
    if (isStreamed) signal.throwIfAborted();
    // Of a response that has come in pieces, this is nothing but the error at its end.
    else sink.write(reply.payload);
    await sink.flush();
    return { ...factsOf(reply), lastByte: sink.lastByte };
  } catch (error) {
    signal.throwIfAborted();
    throw failureOfRpc(error);
  } finally {
    await endConnection(client);
  }
}

interface Sending {
  readonly payload: Uint8Array;
  readonly sink: WritingSink;
  readonly signal: AbortSignal;
}

/** Resolves with the reply; `undefined` for what has none. */
async function send(
  client: RpcClient,
  { functionName, type, log, clientContext, stream }: InvokeCommand,
  { payload, sink, signal }: Sending,
): Promise<RpcStreamReply | undefined> {
  const queue = queueNameOf(functionName);
  const { body, contentType } = amqpPayload(payload);
  const options = { contentType, clientContext, signal };
  switch (type) {
    case "RequestResponse":
      if (stream) return await client.stream(queue, body, sink, { ...options, logTail: log });
      return {
        reply: await client.call(queue, body, { ...options, logTail: log }),
        isStreamed: false,
      };
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

function factsOf({ payload, functionError, logTail }: RpcReply): Omit<CallOutcome, "lastByte"> {
  const failure =
    functionError === undefined
      ? undefined
      : describeError(payload.toString("utf8", 0, errorBytesMax), functionError);
  return { failure, logTail };
}
