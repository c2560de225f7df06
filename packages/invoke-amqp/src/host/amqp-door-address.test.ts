import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { payloadText } from "@lambdad/core";
import { brokerUri, waitFor } from "@lambdad/testkit";
import { AmqpProxy } from "./amqp-proxy.test.ts";
import { AmqpPeer, DoorFixture, textOfBody, uniqueName } from "../testdata/broker-fixture.ts";
import { parseAddress } from "../queue/parse-address.ts";
import { topologyOf } from "../queue/topology-of-address.ts";

function startDoor(t: TestContext, address: string): Promise<DoorFixture> {
  return DoorFixture.start(t, { topology: topologyOf(parseAddress(address)) });
}

function eventsOf({ invoker }: DoorFixture): readonly string[] {
  return invoker.invocations.map(({ payload }) => payloadText(payload));
}

describe("AmqpDoor, addresses (§13)", () => {
  test("serves the address of a Go host", async (t) => {
    const name = uniqueName("address");
    const { queue, faults } = await startDoor(t, `${name}; {"node": {"auto-delete": true}}`);
    const peer = await AmqpPeer.connect(t);
    assert.equal(textOfBody(await peer.request(queue, "1")), "1");
    // With the flags of a Go host.
    await peer.channel.assertQueue(name, { durable: false, autoDelete: true });
    assert.deepEqual(faults, []);
  });

  test("serves a queue whose name is that of an exchange: nothing is probed for (§3)", async (t) => {
    const peer = await AmqpPeer.connect(t);
    const name = uniqueName("exchange");
    await peer.channel.assertExchange(name, "fanout", { autoDelete: true, durable: false });
    // It goes with its last binding.
    await peer.channel.bindQueue(peer.replyTo, name, "");
    const fixture = await DoorFixture.start(t, { queue: { name } });
    assert.equal(textOfBody(await peer.request(name, "1")), "1");
    await startDoor(t, `${name}; {"node": {"auto-delete": true}}`);
    assert.equal(textOfBody(await peer.request(name, "2")), "2");
    assert.deepEqual(fixture.faults, []);
  });

  test("takes ';' and '/' of a function's name as they are", async (t) => {
    const name = `${uniqueName()}/a; {"node": {"durable": true}}`;
    await DoorFixture.start(t, { queue: { name } });
    const peer = await AmqpPeer.connect(t);
    assert.equal(textOfBody(await peer.request(name, "1")), "1");
  });

  test("takes a name of 255 bytes", async (t) => {
    const name = uniqueName("long").padEnd(255, "x");
    await DoorFixture.start(t, { queue: { name } });
    const peer = await AmqpPeer.connect(t);
    assert.equal(textOfBody(await peer.request(name, "1")), "1");
  });

  test("consumes an exchange by its subject, and declares it", async (t) => {
    const news = uniqueName("news");
    const declare = `{"exchange": "${news}", "exchange-type": "topic", "auto-delete": true}`;
    const fixture = await startDoor(t, `${news}/sports.*; {"node": {"x-declare": ${declare}}}`);
    const peer = await AmqpPeer.connect(t);
    const { replyTo } = peer;
    for (const key of ["weather.x", "sports.ski", "sports.a.b", "sports.golf"]) {
      peer.channel.publish(news, key, Buffer.from(key), { replyTo, correlationId: key });
    }
    await waitFor(() => peer.replies.length === 2);
    assert.deepEqual(eventsOf(fixture), ["sports.ski", "sports.golf"]);
  });

  test("consumes one of the broker's exchanges", async (t) => {
    const subject = uniqueName("subject");
    const fixture = await startDoor(t, `amq.topic/${subject}`);
    const peer = await AmqpPeer.connect(t);
    peer.channel.publish("amq.topic", subject, Buffer.from("1"));
    await waitFor(() => fixture.invoker.invocations.length === 1);
  });

  test("binds a queue as it is told, and consumes it with arguments", async (t) => {
    const [name, exchange] = [uniqueName("bound"), uniqueName("headers")];
    const declare = `{"exchange": "${exchange}", "exchange-type": "headers", "auto-delete": true}`;
    const bindings = `[{"exchange": "${exchange}", "key": "k", "arguments": {"x-match": "all", "kind": "a;b/c"}}]`;
    const address = `${name}; {"node": {"x-declare": ${declare}, "x-bindings": ${bindings}}, "link": {"x-subscribe": {"exclusive": true, "arguments": {"x-priority": 3}}}}`;
    const fixture = await startDoor(t, address);
    const peer = await AmqpPeer.connect(t);
    for (const kind of ["a;b/c", "other"]) {
      peer.channel.publish(exchange, "", Buffer.from(kind), { headers: { kind } });
    }
    await waitFor(() => fixture.invoker.invocations.length === 1);
    assert.deepEqual(eventsOf(fixture), ["a;b/c"]);
    // Consumed exclusively.
    await assert.rejects(
      async () => peer.channel.consume(name, () => undefined),
      /ACCESS_REFUSED|403/,
    );
  });

  test("fails to start when the exchange of a subject is missing, in words that name it", async (t) => {
    const name = uniqueName("missing");
    const topology = topologyOf(parseAddress(`${name}/subject`));
    const fixture = new DoorFixture(await brokerUri(), { topology });
    t.after(() => fixture.door.kill());
    await assert.rejects(fixture.door.start("required"), new RegExp(`404.*${name}`));
  });

  test("declares nothing but its queue, and no exchange, for a function (§3)", async (t) => {
    const proxy = await AmqpProxy.start(t, await brokerUri());
    const { queue } = await DoorFixture.start(t, { uri: proxy.uri });
    assert.deepEqual(
      proxy.declared.map((each) => each.queue),
      [queue],
    );
    assert.equal(proxy.exchanges, 0);
  });
});
