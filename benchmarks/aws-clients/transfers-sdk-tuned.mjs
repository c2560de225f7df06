// `@aws-sdk/lib-storage` with the size of parts and the concurrency of ours. A download is one request.
import { openTransfers } from "./transfers-sdk.mjs";

export async function open(options) {
  const { download: _, ...client } = openTransfers(options, {
    partSize: 8 * 1_048_576,
    queueSize: 10,
  });
  return client;
}
