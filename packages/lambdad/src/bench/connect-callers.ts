import type { ResponseStream } from "@lambdad/core";
import type { RpcReply } from "@lambdad/invoke-amqp";
import { amqpPayload } from "../caller/amqp-payload.ts";
import { connectToBroker, endConnection } from "../caller/broker-connection.ts";
import { queueNameOf } from "../caller/queue-name.ts";
import type { BenchCommand, CallBroker } from "../cli/command.ts";
import { AmqpCaller } from "./amqp-caller.ts";
import type { BenchCaller, CallerListener } from "./bench-caller.ts";

export interface ConnectOptions {
  readonly payload: Uint8Array;
  /** Hears of each attempt to connect that failed while there are others to come. */
  readonly onRetry: (message: string) => void;
  readonly signal: AbortSignal;
}

/** Callers that share one connection, and how to end it. */
export interface ConnectedCallers {
  readonly makeCaller: (listener: CallerListener) => BenchCaller;
  readonly close: () => Promise<void>;
}

/**
 * Connects the callers of a bench to a broker.
 *
 * @throws {CallFailure} when there is no broker, or it refuses.
 * @throws {UsageError} when its URI cannot be read.
 */
export async function connectCallers(
  broker: CallBroker,
  { functionName, timeoutMs, stream }: Pick<BenchCommand, "functionName" | "timeoutMs" | "stream">,
  { payload, onRetry, signal }: ConnectOptions,
): Promise<ConnectedCallers> {
  const client = await connectToBroker(broker, { timeoutMs, signal, onRetry });
  const queue = queueNameOf(functionName);
  // The same for every call: they are read, not kept.
  const { body, contentType } = amqpPayload(payload);
  const options = { contentType };
  const sendTo = ({ onBytes }: CallerListener): (() => Promise<RpcReply>) => {
    if (!stream) return () => client.call(queue, body, options);
    const sink = countingSink(onBytes);
    return async () => (await client.stream(queue, body, sink, options)).reply;
  };
  return {
    makeCaller: (listener) => new AmqpCaller({ send: sendTo(listener), ...listener }),
    close: () => endConnection(client),
  };
}

/** Takes the pieces of a response as fast as they come. */
function countingSink(onBytes: CallerListener["onBytes"]): ResponseStream {
  return {
    start: () => undefined,
    write: ({ byteLength }) => {
      onBytes(byteLength);
      return true;
    },
    onDrain: (listener) => listener(),
  };
}
