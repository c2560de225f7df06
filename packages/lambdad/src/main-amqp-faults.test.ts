import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { parseBrokerUri, RpcClient } from "@lambdad/invoke-amqp";
import { startBroker, waitFor } from "@lambdad/testkit";
import {
  type DaemonProcess,
  functionFolder,
  spawnLambdad,
  startDaemon,
} from "./testdata/daemon-process.ts";
import { readMetrics } from "./testdata/metrics-text.ts";
import { temporaryFolder } from "./testdata/named-pipe.ts";

const timeout = 240_000;
const waitMs = 60_000;

/** The function's queue is consumed for the `times`th time. */
async function untilConsuming(daemon: DaemonProcess, times: number): Promise<void> {
  const count = (): number => daemon.stderr.split("from the queue").length - 1;
  await waitFor(() => count() >= times, { timeoutMs: waitMs, what: `consumer ${times}` });
}

async function untilHealth(daemon: DaemonProcess, expected: RegExp): Promise<void> {
  await waitFor(async () => expected.test((await daemon.get("/health")).text), {
    timeoutMs: waitMs,
    what: `${expected} at /health`,
  });
}

async function brokerFigure(daemon: DaemonProcess, name: string): Promise<number | undefined> {
  const { samples } = readMetrics((await daemon.get("/metrics")).text);
  return samples.get(`lambdad_broker_${name}`);
}

/** One call by a caller of its own. */
async function callOver(t: TestContext, uri: string, timeoutMs = 20_000): Promise<unknown> {
  const client = new RpcClient(parseBrokerUri(uri), { timeoutMs });
  t.after(() => client.destroy());
  await client.start("required");
  return client.invoke("app", 7);
}

describe("a daemon with a durable queue", () => {
  test("runs events, and keeps those that fail for good (AM-12, AM-13)", { timeout }, async (t) => {
    const broker = await startBroker();
    t.after(() => broker.stop());
    const seen = join(temporaryFolder(t), "seen");
    const body = `
      const { appendFileSync } = await import("node:fs");
      appendFileSync(${JSON.stringify(seen)}, JSON.stringify(event) + "\\n");
      if (event.fail) throw new Error("as told");`;
    const queue = ["--queue-profile=quorum", "--dead-letter-queue=app-failed"];
    const daemon = await startDaemon(t, ["run", ...queue, "--event-retries=0", "app.handler"], {
      cwd: functionFolder(t, body),
      env: { AMQP_URI: broker.uri },
    });
    await untilConsuming(daemon, 1);
    const options = ["--amqp-uri", broker.uri, "--queue-profile=quorum", "--type=Event"];
    for (const event of ['{"number":1}', '{"fail":true}']) {
      const invoke = spawnLambdad(t, ["invoke", ...options, "app", event]);
      assert.equal((await invoke.end).code, 0, invoke.stderr);
      assert.equal(invoke.stdout, "");
    }
    await waitFor(() => daemon.stderr.includes("An event failed for good"), {
      timeoutMs: waitMs,
      what: "the event that fails",
    });
    assert.equal(readFileSync(seen, "utf8"), '{"number":1}\n{"fail":true}\n');
    await waitFor(
      async () => {
        const queues = await broker.queues();
        return queues.find(({ name }) => name === "app-failed")?.ready === 1;
      },
      { timeoutMs: waitMs, what: "the dead letter" },
    );
  });
});

describe("a daemon whose broker fails", () => {
  test(
    "goes on over HTTP, says so, and is back by itself (AM-2, AM-6, AM-8)",
    { timeout },
    async (t) => {
      const broker = await startBroker();
      t.after(() => broker.stop());
      const daemon = await startDaemon(t, ["run", "--metrics", "app.handler"], {
        cwd: functionFolder(t, "return event;"),
        env: { AMQP_URI: broker.uri },
      });
      await untilConsuming(daemon, 1);
      assert.equal(await callOver(t, broker.uri), 7);

      await broker.stopApp();
      await untilHealth(daemon, /^degraded: the broker is not connected/);
      assert.equal(await brokerFigure(daemon, "up"), 0);
      assert.equal((await daemon.invoke(1)).json, 1);
      await broker.startApp();
      await untilConsuming(daemon, 2);
      await untilHealth(daemon, /^ok$/m);
      assert.equal(await brokerFigure(daemon, "up"), 1);
      assert.equal(await brokerFigure(daemon, "reconnects_total"), 1);
      assert.equal(await callOver(t, broker.uri), 7);

      assert.equal(await broker.deleteQueue("app"), true);
      await untilConsuming(daemon, 3);
      assert.match(daemon.stderr, /The queue 'app' was deleted/);
      assert.equal(await callOver(t, broker.uri), 7);

      await broker.setMemoryAlarm(true);
      await assert.rejects(callOver(t, broker.uri, 2_000), /takes no messages|No reply/);
      await broker.setMemoryAlarm(false);
      await untilHealth(daemon, /^ok$/m);
      assert.equal(await callOver(t, broker.uri), 7);
      assert.equal((await daemon.invoke(2)).json, 2);

      daemon.child.kill("SIGTERM");
      assert.equal((await daemon.end).code, 0);
      assert.doesNotMatch(daemon.stderr, /guest:guest/);
    },
  );
});
