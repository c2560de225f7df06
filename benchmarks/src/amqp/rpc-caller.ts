// A caller that uses the caller library. Arguments: the broker's URI, the queue, the content type.
import { connect } from "@lambdad/invoke-amqp";
import { serveLoads } from "./serve-loads.ts";

const [uri = "", queue = "", contentType = "application/octet-stream"] = process.argv.slice(2);

const rpc = await connect(uri);

await serveLoads(async (body) => {
  const reply = await rpc.call(queue, body, { contentType });
  return reply.payload;
});
