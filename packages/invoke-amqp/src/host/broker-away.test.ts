import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { basename } from "node:path";
import { after, before, describe, test } from "node:test";
import { promisify } from "node:util";
import { type Broker, type BrokerQueue, startBroker, waitFor } from "@lambdad/testkit";
import {
  AmqpPeer,
  closeConnectionsOf,
  DoorFixture,
  Gate,
  returned,
  textOfBody,
  uniqueName,
} from "../testdata/broker-fixture.ts";
import { connect } from "../caller/connect.ts";

let broker: Broker;
before(async () => {
  broker = await startBroker();
});
after(() => broker.stop());

const run = promisify(execFile);

/** Runs a module in a process of its own, which must end by itself. */
async function runToEnd(script: string): Promise<string> {
  const imports = ["../caller/connect.ts", "./amqp-door.ts", "../broker/parse-broker-uri.ts"].map(
    (path) => {
      const name = basename(path);
      const { href } = new URL(path, import.meta.url);
      return `import * as ${name.replaceAll(/\W|ts$/g, "_")} from ${JSON.stringify(href)};`;
    },
  );
  const source = `${imports.join("\n")}
    const { connect } = connect__, { AmqpDoor } = amqp_door__, { parseBrokerUri } = parse_broker_uri__;
    const uri = ${JSON.stringify(broker.uri)};
    const door = (name) => new AmqpDoor({
      broker: parseBrokerUri(uri), prefetch: 1,
      function: { name, version: "$LATEST", region: "r", accountId: "1", handler: "", memorySizeMb: 1, timeoutMs: 1 },
      invoker: { invoke: async ({ payload }) => ({ kind: "returned", payload, contentType: "application/json", executedVersion: "$LATEST", logTail: undefined }) },
    });
    ${script}`;
  const options = ["--conditions=@lambdad/source", "--input-type=module", "--eval", source];
  // Heartbeats alone would keep it for 20 s.
  const { stdout } = await run(process.execPath, options, { timeout: 15_000 });
  return stdout.trim();
}

function isIdle({ name, consumers }: BrokerQueue, queue: string): boolean {
  return name === queue && consumers === 0;
}

describe("a process", () => {
  const ends: readonly (readonly [how: string, script: string])[] = [
    ["door.stop() and rpc.close()", "await Promise.all([host.stop(1000), rpc.close()]);"],
    ["door.kill() and rpc.destroy()", "host.kill(); rpc.destroy();"],
  ];
  for (const [how, script] of ends) {
    test(`ends by itself after ${how}`, async () => {
      const name = JSON.stringify(uniqueName());
      const output = await runToEnd(`
        const host = door(${name});
        await host.start("required");
        const rpc = await connect(uri);
        console.log(await rpc.invoke(${name}, "said"));
        ${script}`);
      assert.equal(output, "said");
    });
  }
});

describe("AmqpDoor and RpcClient, a broker that is away", () => {
  test("stop() ends without the broker, and close() too (HO-8)", async (t) => {
    const fixture = await DoorFixture.start(t, { uri: broker.uri });
    const rpc = await connect(broker.uri);
    await broker.stopApp();
    try {
      await waitFor(() => fixture.door.state.kind === "connecting");
      await fixture.door.stop(1_000);
      await rpc.close();
      assert.equal(fixture.door.state.kind, "closed");
      assert.equal(rpc.state.kind, "closed");
    } finally {
      await broker.startApp();
    }
  });

  test("stop() does not wait for a frozen broker, and close() neither (HO-8)", async (t) => {
    const fixture = await DoorFixture.start(t, { uri: broker.uri });
    const rpc = await connect(broker.uri);
    broker.pause();
    try {
      await Promise.all([fixture.door.stop(1_000), rpc.close()]);
      assert.equal(fixture.door.state.kind, "closed");
      assert.equal(rpc.state.kind, "closed");
    } finally {
      broker.resume();
    }
  });

  test("a host that drains takes nothing when its connection comes back (HO-8, AM-12)", async (t) => {
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const fixture = await DoorFixture.start(t, { uri: broker.uri, queue });
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    fixture.door.drain();
    await waitFor(async () => (await broker.queues()).some((each) => isIdle(each, queue.name)));
    const call = peer.request(queue.name, "1");
    await waitFor(async () => (await peer.ready(queue.name)) === 1);
    await closeConnectionsOf(broker, queue.name);
    await waitFor(() => fixture.states.includes("connecting"));
    await waitFor(() => fixture.door.state.kind === "up", { timeoutMs: 20_000 });
    const other = await DoorFixture.start(t, { uri: broker.uri, queue });
    assert.equal(textOfBody(await call), "1");
    assert.equal(other.redelivered, 0);
    await Promise.all([fixture.door.stop(1_000), other.door.stop(1_000)]);
    await peer.remove(queue.name);
  });

  test("a reply that cannot leave when the host stops goes back with its request (HO-8)", async (t) => {
    const queue = { name: uniqueName(), profile: "durable" } as const;
    const fixture = await DoorFixture.start(t, { uri: broker.uri, queue });
    const gate = new Gate();
    fixture.invoker.script = async ({ payload }) => {
      await gate.opened;
      return returned(payload);
    };
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    const call = peer.request(queue.name, "1");
    await waitFor(() => fixture.invoker.invocations.length === 1);
    await broker.setMemoryAlarm(true);
    try {
      gate.open();
      await waitFor(() => fixture.door.state.kind === "blocked");
      await fixture.door.stop(500);
    } finally {
      await broker.setMemoryAlarm(false);
    }
    const next = await DoorFixture.start(t, { uri: broker.uri, queue });
    assert.equal(textOfBody(await call), "1");
    await next.door.stop(1_000);
    assert.equal(await peer.ready(queue.name), 0);
  });

  test("a password that is changed keeps a host away, until it is right again (AM-21)", async (t) => {
    const user = (password: string): Promise<unknown> =>
      broker.evaluate(
        `rabbit_auth_backend_internal:change_password(<<"caretaker">>, <<"${password}">>, <<"test">>)`,
      );
    await broker.evaluate(
      `rabbit_auth_backend_internal:add_user(<<"caretaker">>, <<"right">>, <<"test">>),
       rabbit_auth_backend_internal:set_permissions(<<"caretaker">>, <<"/">>, <<".*">>, <<".*">>, <<".*">>, <<"test">>)`,
    );
    const uri = `amqp://caretaker:right@127.0.0.1:${broker.port}`;
    const fixture = await DoorFixture.start(t, { uri });
    await user("wrong");
    await closeConnectionsOf(broker, fixture.queue);
    await waitFor(() => fixture.faults.some(({ message }) => message.includes("ACCESS_REFUSED")));
    assert.equal(fixture.door.state.kind, "connecting");
    await user("right");
    await waitFor(() => fixture.door.state.kind === "up", { timeoutMs: 30_000 });
    const peer = await AmqpPeer.connect(t, { uri: broker.uri });
    assert.equal(textOfBody(await peer.request(fixture.queue, "1")), "1");
    assert.ok(fixture.faults.every(({ message }) => !message.includes("right")));
  });
});
