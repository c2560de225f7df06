import { parseBrokerUri } from "../broker/parse-broker-uri.ts";
import { RpcClient } from "./rpc-client.ts";
import type { RpcOptions } from "./rpc-options.ts";

/**
 * Connects to a broker, to call the functions behind its queues.
 *
 * @param uri - `amqp[s]://[user[:password]@]host[:port][/vhost][?option=value…]`
 * @throws {BrokerUriError} when the URI is wrong.
 * @throws {BrokerError} when there is no broker after the attempts of the URI, or it refuses.
 */
export async function connect(uri: string, options: RpcOptions = {}): Promise<RpcClient> {
  const client = new RpcClient(parseBrokerUri(uri, options.credentials), options);
  await client.start("required");
  return client;
}
