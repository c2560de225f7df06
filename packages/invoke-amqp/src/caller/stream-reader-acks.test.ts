import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  type Broker,
  CollectingStream,
  invocationOf,
  startBroker,
  waitFor,
} from "@lambdad/testkit";
import { AmqpPeer, atEnd, uniqueName } from "../testdata/broker-fixture.ts";
import { AmqpInvoker } from "./amqp-invoker.ts";
import { connect } from "./connect.ts";

/** Messages that the broker has delivered and that nobody has acknowledged, on all channels. */
async function unacknowledged(broker: Broker): Promise<number> {
  return (await broker.evaluate(`lists:sum([Number || Pid <- rabbit_channel:list(),
    {_, Number} <- rabbit_channel:info(Pid, [messages_unacknowledged])])`)) as number;
}

describe("a caller that has taken a reply piece by piece", () => {
  test("owes the broker no acknowledgement, however the reply has ended (AM-15)", async (t) => {
    const broker = await startBroker();
    atEnd(t, () => broker.stop());
    const { uri } = broker;
    const peer = await AmqpPeer.connect(t, { uri });
    const functionName = uniqueName("stream");
    await peer.channel.assertQueue(functionName, { autoDelete: true });
    // The places of the pieces are what the host is asked for.
    await peer.channel.consume(
      functionName,
      (message) => {
        const { replyTo, correlationId } = message?.properties ?? {};
        for (const place of JSON.parse(String(message?.content)) as string[]) {
          const headers = { "X-Lambda-Stream": place, "X-Lambda-Stream-Id": "1" };
          peer.publish(String(replyTo), "x", { correlationId: String(correlationId), headers });
        }
      },
      { noAck: true },
    );
    const client = await connect(uri);
    atEnd(t, () => client.close());
    const invoker = new AmqpInvoker({ client });
    const call = (places: readonly string[], stream = new CollectingStream()): Promise<unknown> => {
      const event = Buffer.from(JSON.stringify(places));
      return invoker.invoke(invocationOf(event, { functionName, stream }), t.signal);
    };
    await call(["0/", "1/", "2/2"]);
    await call(["no stream"]);
    await call(["0/", "2/", "3/", "4/4"]);
    await call(["0/", "1/1", "2/", "3/", "4/"]);
    // A caller that leaves while messages wait for it.
    const leaving = new AbortController();
    let written = 0;
    const stream = {
      start: () => undefined,
      write: () => (written += 1) > 1,
      onDrain: () => undefined,
    };
    const event = Buffer.from(JSON.stringify(["0/", "1/", "2/", "3/", "4/", "5/"]));
    const left = invoker.invoke(invocationOf(event, { functionName, stream }), leaving.signal);
    await waitFor(() => written === 1);
    leaving.abort();
    await left;
    await waitFor(async () => (await unacknowledged(broker)) === 0);
    assert.equal(client.state.kind, "up");
  });
});
