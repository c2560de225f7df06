import assert from "node:assert/strict";
import { after, before, describe, test, type TestContext } from "node:test";
import { AmqpDoor, parseBrokerUri } from "@lambdad/invoke-amqp";
import { type Broker, startBroker, waitFor } from "@lambdad/testkit";
import { type AmqpHost, startAmqpHost } from "./testdata/amqp-host.ts";
import {
  type Answer,
  type DaemonProcess,
  functionFolder,
  startDaemon,
} from "./testdata/daemon-process.ts";
import { invokeAt } from "./testdata/invoke-at.ts";
import { readMetrics } from "./testdata/metrics-text.ts";

const timeout = 120_000;

async function sampleOf(server: DaemonProcess, name: string): Promise<number | undefined> {
  return readMetrics((await server.get("/metrics")).text).samples.get(name);
}

/** Until the server and the host have found their broker again. */
async function answers(server: DaemonProcess, name: string): Promise<void> {
  await waitFor(async () => (await invokeAt(server.url, name)).status === 200, {
    timeoutMs: 60_000,
    what: "an answer",
  });
}

describe("lambdad server and the faults of its broker", () => {
  let broker: Broker;
  before(async () => {
    broker = await startBroker();
  });
  after(() => broker.stop());

  /** A server with or without a function of its own. */
  function startServer(t: TestContext, args: readonly string[] = []): Promise<DaemonProcess> {
    const uri = `${broker.uri}?blocked_connection_timeout=0.5`;
    const env = { AMQP_URI: uri, LAMBDAD_METRICS: "true" };
    return startDaemon(t, ["server", ...args], { env, cwd: functionFolder(t, 'return "here";') });
  }

  function startHost(t: TestContext, answer: () => string | Promise<string>): Promise<AmqpHost> {
    return startAmqpHost(t, answer, { uri: broker.uri });
  }

  test(
    "works again after the broker's restart, without one of its own (AM-2)",
    { timeout },
    async (t) => {
      const host = await startHost(t, () => '"there"');
      const server = await startServer(t);
      await answers(server, host.name);
      await broker.stopApp();
      await waitFor(async () => (await server.get("/health")).status === 503, { what: "the loss" });
      const { text } = await server.get("/health");
      assert.match(text, /^unhealthy: the broker is not connected: /);
      assert.equal(await sampleOf(server, "lambdad_broker_up"), 0);
      await broker.startApp();
      await answers(server, host.name);
      assert.deepEqual(await server.get("/health"), { status: 200, text: "ok\n" });
      assert.equal(await sampleOf(server, "lambdad_broker_reconnects_total"), 1);
    },
  );

  test(
    "answers what is in flight at once with 503 when the connection is lost (AM-3)",
    { timeout },
    async (t) => {
      const host = await startHost(t, () => new Promise(() => {}));
      const server = await startServer(t);
      const running = invokeAt(server.url, host.name);
      await waitFor(() => host.invocations.length === 1, { what: "the call" });
      await broker.closeConnections();
      const answer = await running;
      assert.equal(answer.status, 503);
      assert.equal(answer.headers.get("x-amzn-errortype"), "ServiceException");
      assert.equal(answer.headers.get("retry-after"), "1");
    },
  );

  test(
    "answers 503 while the broker takes no messages, and then works (AM-6)",
    { timeout },
    async (t) => {
      const host = await startHost(t, () => '"there"');
      const server = await startServer(t);
      await answers(server, host.name);
      t.after(() => broker.setMemoryAlarm(false));
      await broker.setMemoryAlarm(true);
      // The broker tells a connection when something comes over it, and holds that back: here a
      // request, or first the reply of the host.
      const calls: Promise<Answer>[] = [];
      await waitFor(
        async () => {
          if (calls.length < 100) calls.push(invokeAt(server.url, host.name));
          return (await sampleOf(server, "lambdad_broker_blocked")) === 1;
        },
        { what: "the broker's notice" },
      );
      assert.equal((await invokeAt(server.url, host.name)).status, 503);
      assert.match(
        (await server.get("/health")).text,
        /^unhealthy: the broker takes no messages: /,
      );
      await broker.setMemoryAlarm(false);
      const statuses = (await Promise.all(calls)).map(({ status }) => status);
      assert.ok(
        statuses.every((status) => status === 200 || status === 503),
        statuses.join(),
      );
      await answers(server, host.name);
      assert.equal(await sampleOf(server, "lambdad_broker_blocked"), 0);
    },
  );

  test(
    "starts without it when it has functions of its own, and finds it later (AM-1)",
    { timeout },
    async (t) => {
      await broker.stopApp();
      const server = await startServer(t, ["--function=own=app.handler"]);
      assert.equal((await invokeAt(server.url, "own")).json, "here");
      await waitFor(() => server.stderr.includes("ECONNREFUSED"), { what: "the first attempt" });
      const health = await server.get("/health");
      assert.equal(health.status, 200);
      assert.match(health.text, /^degraded: the broker is not connected: .*ECONNREFUSED/);
      const event = { "X-Amz-Invocation-Type": "DryRun" };
      assert.equal((await invokeAt(server.url, "other", {}, event)).status, 503);
      await broker.startApp();
      const host = await startHost(t, () => '"there"');
      await answers(server, host.name);
      assert.deepEqual(await server.get("/health"), { status: 200, text: "ok\n" });
    },
  );

  test(
    "answers 429 when the queue is full, for calls and events (AM-11)",
    { timeout },
    async (t) => {
      const name = "full";
      const queue = { name, profile: "durable", lengthMax: 1 } as const;
      const door = new AmqpDoor({
        broker: parseBrokerUri(broker.uri),
        function: {
          name,
          version: "$LATEST",
          region: "us-east-1",
          accountId: "012345678912",
          handler: "",
          memorySizeMb: 128,
          timeoutMs: 3_000,
        },
        queue,
        prefetch: 1,
        invoker: { invoke: () => new Promise(() => {}) },
      });
      await door.start("required");
      door.kill();
      const server = await startServer(t, ["--queue-profile=durable", "--timeout=2"]);
      const event = { "X-Amz-Invocation-Type": "Event" };
      assert.equal((await invokeAt(server.url, name, {}, event)).status, 202);
      for (const headers of [event, {}]) {
        const answer = await invokeAt(server.url, name, {}, headers);
        assert.equal(answer.status, 429);
        assert.equal(answer.headers.get("x-amzn-errortype"), "TooManyRequestsException");
        assert.equal(answer.headers.get("retry-after"), "1");
      }
      assert.equal(await sampleOf(server, "lambdad_broker_nacks_total"), 2);
    },
  );
});
