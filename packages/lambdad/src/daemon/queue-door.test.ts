import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { HostError, type Invoker, type InvokeResult } from "@lambdad/core";
import { parseBrokerUri, RpcClient } from "@lambdad/invoke-amqp";
import { brokerUri, waitFor } from "@lambdad/testkit";
import type { AmqpConfiguration, QueueSource } from "../configuration/amqp-configuration.ts";
import { ConfigError } from "../configuration/config-error.ts";
import { failed, queueName, returned } from "../testdata/amqp-host.ts";
import { closedPort } from "../testdata/command-fixture.ts";
import { QueueDoor, type QueueDoorOptions } from "./queue-door.ts";

interface Fixture {
  readonly door: QueueDoor;
  /** `level event message`, and the reason of a refusal. */
  readonly log: readonly string[];
}

/** A door that was not started; it is killed with the test. */
function doorOf(
  t: TestContext,
  configuration: AmqpConfiguration,
  name: string,
  options: Partial<QueueDoorOptions> = {},
): Fixture {
  const log: string[] = [];
  const door = new QueueDoor({
    configuration,
    function: {
      name,
      version: "$LATEST",
      region: "us-east-1",
      accountId: "012345678912",
      handler: "",
      memorySizeMb: 128,
      timeoutMs: 3_000,
    },
    eventRetriesMax: 2,
    bytesInFlightMax: 1_000_000,
    invoker: answering(() => returned("1")),
    guard: { admit: () => undefined },
    log: {
      write: (level, event, message) => log.push(`${level} ${event} ${message}`),
      refuse: (event, message, detail) =>
        log.push(`${event} ${message} ${detail?.["reason"] ?? ""}`),
    },
    metrics: () => undefined,
    ...options,
  });
  t.after(() => door.kill());
  return { door, log };
}

function answering(answer: () => InvokeResult): Invoker {
  return { invoke: async () => answer() };
}

function configurationOf(uri: string, queue: QueueSource): AmqpConfiguration {
  const broker = { uri, credentials: undefined };
  return { broker, queue, prefetch: 10, redelivered: "run", confirmReplies: false };
}

function named(name: string): QueueSource & { readonly kind: "name" } {
  return {
    kind: "name",
    name,
    profile: "compat",
    deadLetterQueue: undefined,
    deliveryLimit: undefined,
    messageTtlMs: undefined,
    lengthMax: undefined,
    consumerPriority: undefined,
  };
}

async function caller(t: TestContext, uri: string): Promise<RpcClient> {
  const client = new RpcClient(parseBrokerUri(uri), { timeoutMs: 10_000 });
  await client.start("required");
  t.after(() => client.destroy());
  return client;
}

describe("QueueDoor", () => {
  test("starts nothing while the host is overloaded, and loses nothing (spec §10)", async (t) => {
    const uri = await brokerUri();
    const name = queueName();
    let asked = 0;
    let overloaded = true;
    const admit = (): HostError | undefined => {
      asked += 1;
      return overloaded ? new HostError("ServiceUnavailable", "overloaded") : undefined;
    };
    let runs = 0;
    const invoker = answering(() => {
      runs += 1;
      return returned("1");
    });
    const { door } = doorOf(t, configurationOf(uri, named(name)), name, {
      guard: { admit },
      invoker,
    });
    await door.start();
    const client = await caller(t, uri);
    const held = client.invoke(name);
    await waitFor(() => asked > 2);
    assert.equal(runs, 0);
    overloaded = false;
    assert.equal(await held, 1);
    assert.equal(await client.invoke(name), 1);
    assert.equal(runs, 2);
  });

  test("gives up what its caller has left while the host was overloaded", async (t) => {
    const uri = await brokerUri();
    const name = queueName();
    const { door, log } = doorOf(t, configurationOf(uri, named(name)), name, {
      guard: { admit: () => new HostError("ServiceUnavailable", "overloaded") },
    });
    await door.start();
    const client = await caller(t, uri);
    await assert.rejects(client.invoke(name, {}, { timeoutMs: 300 }));
    await waitFor(() =>
      log.includes("amqp.reject Refused a request of the queue ServiceUnavailable"),
    );
  });

  test("logs a fault of the host itself, and its caller hears nothing of it (HT-13)", async (t) => {
    const uri = await brokerUri();
    const name = queueName();
    const invoker = answering(() => {
      throw new Error("a bug of ours");
    });
    const { door, log } = doorOf(t, configurationOf(uri, named(name)), name, { invoker });
    await door.start();
    const client = await caller(t, uri);
    await assert.rejects(
      client.invoke(name),
      (error) => error instanceof HostError && !error.message.includes("a bug of ours"),
    );
    assert.ok(log.includes("error host.error Cannot run a request of the queue"));
  });

  test("consumes what an address asks for, under the function's name (contract §13)", async (t) => {
    const uri = await brokerUri();
    const name = queueName();
    const queue = queueName();
    const text = `${queue}; {"node": {"auto-delete": true}}`;
    const { door, log } = doorOf(t, configurationOf(uri, { kind: "address", text }), name);
    await door.start();
    assert.ok(log.includes(`info queue.consuming Serving '${name}' from the queue '${queue}'`));
    const client = await caller(t, uri);
    assert.equal(await client.invoke(queue), 1);
  });

  test("tells of an event that has failed for good", async (t) => {
    const uri = await brokerUri();
    const name = queueName();
    const invoker = answering(() => failed('{"errorType":"E"}'));
    const { door, log } = doorOf(t, configurationOf(uri, named(name)), name, { invoker });
    await door.start();
    const client = await caller(t, uri);
    await client.send(name, {});
    await waitFor(() => log.includes("error event.failed An event failed for good: it is gone"));
  });

  test("has a problem while the broker is away, and none while it is not (AM-1)", async (t) => {
    const name = queueName();
    const away = doorOf(
      t,
      configurationOf(`amqp://127.0.0.1:${await closedPort()}`, named(name)),
      name,
    );
    await away.door.start();
    assert.match(away.door.problem ?? "", /^the broker is not connected: .*ECONNREFUSED/);
    const { door } = doorOf(t, configurationOf(await brokerUri(), named(name)), name);
    await door.start();
    assert.equal(door.problem, undefined);
  });

  test("tells of options of the URI that have no effect", async (t) => {
    const uri = `${await brokerUri()}?ssl_options=1`;
    const name = queueName();
    const { door, log } = doorOf(t, configurationOf(uri, named(name)), name);
    await door.start();
    assert.ok(log.some((line) => /^warn config\.ignored .*ssl_options/.test(line)));
  });

  test("tells of options of the address that have no effect (contract §13)", async (t) => {
    const text = `${queueName()}; {"node": {"auto-delete": true, "x": 1}}`;
    const address = { kind: "address", text } as const;
    const { door, log } = doorOf(t, configurationOf(await brokerUri(), address), "f");
    await door.start();
    const warning = "Option 'node.x' of the address is not known";
    assert.ok(log.includes(`warn config.ignored ${warning}`));
  });

  for (const [uri, queue, expected] of [
    ["amqp://h", { ...named("q".repeat(243)), profile: "durable" }, /the limit is 242/],
    ["amqp://user:secret@h:x", named("q"), /port must be an integer/],
    ["amqp://h", { kind: "address", text: "q; {" }, /./],
  ] as const) {
    test(`does not begin with ${queue.kind} at ${uri.slice(-4)} (HO-13, INV-10)`, (t) => {
      assert.throws(
        () => doorOf(t, configurationOf(uri, queue), "f"),
        (error) =>
          error instanceof ConfigError &&
          expected.test(error.message) &&
          !error.message.includes("secret"),
      );
    });
  }
});
