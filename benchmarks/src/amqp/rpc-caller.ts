// A caller that uses the caller library. Arguments: the broker's URI, the queue, the content type.
import { connect } from "@lambdad/invoke-amqp";
import { serveLoads } from "./serve-loads.ts";

const [uri = "", queue = "", contentType = "application/octet-stream"] = process.argv.slice(2);

// A thousand bodies of 1 MB are more than it takes by default.
const rpc = await connect(uri, { bytesInFlightMax: 2 ** 31 });

await serveLoads(async (body) => {
  const reply = await rpc.call(queue, body, { contentType });
  return reply.payload;
});
