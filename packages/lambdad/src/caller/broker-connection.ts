import { BrokerUriError, parseBrokerUri, RpcClient } from "@lambdad/invoke-amqp";
import type { CallBroker } from "../cli/command.ts";
import { failureOfRpc } from "./rpc-failure.ts";
import { UsageError } from "./usage-error.ts";

export interface BrokerConnectionOptions {
  /** Wait for one reply, in milliseconds; 0: for ever. */
  readonly timeoutMs: number;
  /** Ends the wait for the broker. */
  readonly signal: AbortSignal;
  /** Hears of each attempt that failed while there are others to come: one sentence. */
  readonly onRetry: (message: string) => void;
}

/**
 * Connects a command to a broker, with as many attempts as the URI says.
 *
 * @throws {UsageError} when the URI cannot be read.
 * @throws {CallFailure} when there is no broker, or it refuses; the signal's reason when that ends it.
 */
export async function connectToBroker(
  broker: CallBroker,
  { timeoutMs, signal, onRetry }: BrokerConnectionOptions,
): Promise<RpcClient> {
  signal.throwIfAborted();
  let isConnecting = true;
  const client = new RpcClient(readUri(broker), {
    timeoutMs,
    profileOf: () => broker.profile,
    observer: {
      fault: ({ message }) => {
        if (isConnecting) onRetry(message);
      },
    },
  });
  const giveUp = (): void => client.destroy();
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    await client.start("required");
    signal.throwIfAborted();
    return client;
  } catch (error) {
    signal.throwIfAborted();
    throw failureOfRpc(error);
  } finally {
    isConnecting = false;
    signal.removeEventListener("abort", giveUp);
  }
}

/** Ends a command's connection: in order while the broker answers, so that its log has nothing to tell. */
export async function endConnection(client: RpcClient): Promise<void> {
  if (client.state.kind === "up") await client.close();
  else client.destroy();
}

function readUri({ uri, credentials }: CallBroker): ReturnType<typeof parseBrokerUri> {
  try {
    return parseBrokerUri(uri, credentials);
  } catch (error) {
    if (!(error instanceof BrokerUriError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
