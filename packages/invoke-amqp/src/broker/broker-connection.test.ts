import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { brokerUri, waitFor } from "@lambdad/testkit";
import { AmqpPeer, DoorFixture, uniqueName } from "../testdata/broker-fixture.ts";
import { BrokerConnection } from "./broker-connection.ts";
import { BrokerError } from "./broker-error.ts";
import { parseBrokerUri } from "./parse-broker-uri.ts";

interface Silent {
  readonly uri: string;
  /** Connections that are open. */
  readonly sockets: ReadonlySet<Socket>;
}

/** Takes connections, and says nothing for longer than any test waits. */
async function listenSilently(t: TestContext): Promise<Silent> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
    socket.resume();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { uri: `amqp://127.0.0.1:${port}?connection_timeout=600000`, sockets };
}

function connectionOf(uri: string, setUp: () => Promise<void>): BrokerConnection {
  return new BrokerConnection({
    broker: parseBrokerUri(uri),
    name: "test",
    setUp,
    onLost: () => undefined,
    onState: () => undefined,
    observer: {},
  });
}

const isClosed = (error: unknown): boolean =>
  error instanceof BrokerError && error.kind === "closed";

describe("BrokerConnection", { timeout: 30_000 }, () => {
  for (const mode of ["required", "background"] as const) {
    for (const end of ["close", "destroy"] as const) {
      test(`ends at once when ${end}() comes while a broker is silent, start '${mode}' (HO-8)`, async (t) => {
        const silent = await listenSilently(t);
        const connection = connectionOf(silent.uri, async () => undefined);
        const started = connection.start(mode);
        await waitFor(() => silent.sockets.size === 1);
        await connection[end]();
        await assert.rejects(started, isClosed);
        await waitFor(() => silent.sockets.size === 0);
      });
    }
  }

  test("ends at once when it is closed while it is set up", async () => {
    const setUp = Promise.withResolvers<void>();
    const connection = connectionOf(await brokerUri(), () => {
      setUp.resolve();
      return new Promise(() => {});
    });
    const started = connection.start("required");
    await setUp.promise;
    await connection.close();
    await assert.rejects(started, isClosed);
  });

  test("does not begin when it is closed already", async () => {
    const connection = connectionOf(await brokerUri(), () => assert.fail("was set up"));
    connection.destroy();
    await assert.rejects(connection.start("background"), isClosed);
  });
});

test("AmqpDoor.kill() while it connects: nothing is declared", async (t) => {
  const name = uniqueName();
  const peer = await AmqpPeer.connect(t);
  const host = new DoorFixture(await brokerUri(), { queue: { name } });
  const started = host.door.start("required");
  host.door.kill();
  await assert.rejects(started, isClosed);
  assert.equal(await peer.ready(name), undefined);
  assert.equal(host.consuming, 0);
});
