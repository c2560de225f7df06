// A host over amqplib as its users write one: it sends each body back. Arguments: the broker's URI and
// the queue.
import { connect } from "amqplib";

const [uri = "", queue = ""] = process.argv.slice(2);

const connection = await connect(uri, { noDelay: true });
const channel = await connection.createChannel();
await channel.assertQueue(queue, { durable: false, autoDelete: true });
await channel.prefetch(1000);
await channel.consume(queue, (message) => {
  if (message === null) return;
  const { replyTo, correlationId } = message.properties;
  channel.sendToQueue(String(replyTo), message.content, { correlationId: String(correlationId) });
  channel.ack(message);
});
process.once("SIGTERM", () => process.exit(0));
