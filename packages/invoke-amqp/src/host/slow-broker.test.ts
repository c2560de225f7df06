import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { brokerUri, waitFor } from "@lambdad/testkit";
import { AmqpPeer, DoorFixture, returned } from "../testdata/broker-fixture.ts";

/** Stands before the broker, and may stop to read the first connection: a door's for replies. */
async function startProxy(
  t: TestContext,
): Promise<{ readonly uri: string; stall(): void; goOn(): void }> {
  const broker = new URL(await brokerUri());
  const pairs: (readonly [Socket, Socket])[] = [];
  const server = createServer((socket) => {
    const upstream = connect(broker.port === "" ? 5672 : Number(broker.port), broker.hostname);
    pairs.push([socket, upstream]);
    socket.pipe(upstream).pipe(socket);
    for (const each of [socket, upstream]) {
      each.on("error", () => each.destroy());
      t.after(() => each.destroy());
    }
  }).listen(0, "127.0.0.1");
  t.after(() => server.close());
  await once(server, "listening");
  const uri = new URL(broker);
  uri.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    uri: uri.href,
    stall: () => pairs[0]?.[0].unpipe().pause(),
    goOn: () => pairs[0]?.[0].pipe(pairs[0][1]),
  };
}

describe("AmqpDoor, a broker that reads slowly", () => {
  test("takes no new requests while too many replies have not left (INV-8)", async (t) => {
    const proxy = await startProxy(t);
    let held = 0;
    const prefetch = 4;
    const total = 150;
    const fixture = await DoorFixture.start(t, {
      uri: proxy.uri,
      prefetch,
      around: {
        begin: () => ({
          run: (invoke) => invoke(),
          replying: () => {
            held += 1;
            return undefined;
          },
          end: () => {
            held -= 1;
          },
        }),
      },
    });
    fixture.invoker.script = () => returned("x".repeat(1_000_000), "text/plain");
    const peer = await AmqpPeer.connect(t);
    proxy.stall();
    const { replyTo } = peer;
    for (let sent = 0; sent < total; sent += 1) peer.publish(fixture.queue, "1", { replyTo });
    await waitFor(() => held === prefetch, { what: "replies that wait" });
    const { length } = fixture.invoker.invocations;
    assert.ok(length < total, "all requests were taken");

    proxy.goOn();
    await waitFor(() => peer.replies.length === total, { timeoutMs: 30_000 });
    assert.equal(held, 0);
  });
});
