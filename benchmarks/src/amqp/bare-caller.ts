// A caller over amqplib as its users write one. Arguments: the broker's URI and the queue.
import { connect } from "amqplib";
import { serveLoads } from "./serve-loads.ts";

const [uri = "", queue = ""] = process.argv.slice(2);

const connection = await connect(uri, { noDelay: true });
const channel = await connection.createChannel();
const { queue: replyTo } = await channel.assertQueue("", { exclusive: true });
const waiting = new Map<string, (body: Buffer) => void>();
let calls = 0;

await channel.consume(
  replyTo,
  (message) => {
    if (message === null) return;
    const correlationId = String(message.properties.correlationId);
    waiting.get(correlationId)?.(message.content);
    waiting.delete(correlationId);
  },
  { noAck: true },
);

await serveLoads(
  (body) =>
    new Promise((resolve) => {
      calls += 1;
      const correlationId = String(calls);
      waiting.set(correlationId, resolve);
      channel.sendToQueue(queue, body, { correlationId, replyTo });
    }),
);
