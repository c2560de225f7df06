import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { FunctionError, RpcClient, parseBrokerUri } from "@lambdad/invoke-amqp";
import { brokerUri, waitFor } from "@lambdad/testkit";
import { queueName } from "./testdata/amqp-host.ts";
import { closedPort } from "./testdata/command-fixture.ts";
import {
  type DaemonProcess,
  functionFolder,
  spawnLambdad,
  startDaemon,
} from "./testdata/daemon-process.ts";
import { readMetrics } from "./testdata/metrics-text.ts";
import { temporaryFolder } from "./testdata/named-pipe.ts";

const timeout = 60_000;

/** A caller; it leaves with the test. */
async function caller(t: TestContext, uri: string): Promise<RpcClient> {
  const client = new RpcClient(parseBrokerUri(uri), { timeoutMs: 20_000 });
  await client.start("required");
  t.after(() => client.destroy());
  return client;
}

const consuming = /Serving '\S+' from the queue/;

describe("a daemon with AMQP_URI", () => {
  test("serves HTTP and AMQP from the same environments", { timeout }, async (t) => {
    const body = `
      if (event.fail) throw new TypeError("as \\"told\\"");
      return { pid: process.pid, event, client: context.clientContext, arn: context.invokedFunctionArn };`;
    const name = queueName();
    const uri = await brokerUri();
    const daemon = await startDaemon(t, ["run", "--metrics", "--name", name, "app.handler"], {
      cwd: functionFolder(t, body),
      env: { AMQP_URI: uri },
    });
    await waitFor(() => consuming.test(daemon.stderr), { what: "its consumer" });
    const client = await caller(t, uri);
    const overHttp = (await daemon.invoke({ x: 1 })).json as { readonly pid: number };
    const options = { clientContext: { custom: { a: 1 } } };
    const overAmqp = await client.invoke<typeof overHttp>(name, { x: 2 }, options);
    assert.deepEqual(overAmqp, {
      pid: overHttp.pid,
      event: { x: 2 },
      client: { custom: { a: 1 } },
      arn: `arn:aws:lambda:us-east-1:012345678912:function:${name}`,
    });
    await assert.rejects(
      client.invoke(name, { fail: true }),
      (error) => error instanceof FunctionError && error.errorType === "TypeError",
    );
    const { samples } = readMetrics((await daemon.get("/metrics")).text);
    const counted = (result: string): number | undefined =>
      samples.get(
        `lambdad_invocations_total{function="${name}",type="RequestResponse",result="${result}"}`,
      );
    assert.deepEqual([counted("success"), counted("error")], [2, 1]);
    assert.equal(samples.get("lambdad_broker_up"), 1);
    assert.equal(samples.get("lambdad_broker_blocked"), 0);
    assert.deepEqual(await daemon.get("/health"), { status: 200, text: "ok\n" });
  });

  test("gives its function none of the broker's variables (INV-10)", { timeout }, async (t) => {
    const name = queueName();
    const uri = new URL(await brokerUri());
    const credentials = { AMQP_USERNAME: uri.username, AMQP_PASSWORD: uri.password };
    uri.username = "";
    uri.password = "";
    const env = { AMQP_URI: uri.href, ...credentials, LAMBDAD_PREFETCH: "2" };
    const cwd = functionFolder(t, "return Object.keys(process.env);");
    const daemon = await startDaemon(t, ["run", "--name", name, "app.handler"], { cwd, env });
    await waitFor(() => consuming.test(daemon.stderr), { what: "its consumer" });
    const client = await caller(t, await brokerUri());
    const names = await client.invoke<readonly string[]>(name);
    assert.deepEqual(
      names.filter((each) => /^(AMQP_|LAMBDAD_)/.test(each)),
      [],
    );
  });

  test(
    "hides the password of --amqp-uri from the list of processes (INV-10)",
    { timeout },
    async (t) => {
      const uri = `amqp://user:hunter2@127.0.0.1:${await closedPort()}`;
      const daemon = await startDaemon(t, ["--amqp-uri", uri, "run", "app.handler"], {
        cwd: functionFolder(t, "return 1;"),
      });
      const file = `/proc/${daemon.child.pid}/cmdline`;
      if (process.platform === "linux") assert.doesNotMatch(readFileSync(file, "utf8"), /hunter2/);
      assert.doesNotMatch(daemon.stderr, /hunter2/);
    },
  );

  test("serves HTTP while the broker is away, and says so (AM-1)", { timeout }, async (t) => {
    const uri = `amqp://user:hunter2@127.0.0.1:${await closedPort()}`;
    const daemon = await startDaemon(t, ["run", "--metrics", "app.handler"], {
      cwd: functionFolder(t, "return 1;"),
      env: { AMQP_URI: uri },
    });
    assert.equal((await daemon.invoke({})).json, 1);
    await waitFor(() => daemon.stderr.includes("ECONNREFUSED"), { what: "the failed attempt" });
    const { status, text } = await daemon.get("/health");
    assert.equal(status, 200);
    assert.match(text, /^degraded: the broker is not connected: .*ECONNREFUSED/);
    const { samples } = readMetrics((await daemon.get("/metrics")).text);
    assert.equal(samples.get("lambdad_broker_up"), 0);
    assert.doesNotMatch(daemon.stderr + text, /hunter2/);
    daemon.child.kill("SIGTERM");
    assert.equal((await daemon.end).code, 0);
  });

  test(
    "ends with 1 and the broker's words when it refuses the password (AM-21)",
    { timeout },
    async (t) => {
      const uri = new URL(await brokerUri());
      uri.password = "hunter2";
      const daemon = spawnLambdad(t, ["run", "app.handler"], {
        cwd: functionFolder(t, "return 1;"),
        env: { AMQP_URI: uri.href },
      });
      assert.equal((await daemon.end).code, 1);
      assert.match(
        daemon.stderr,
        /^lambdad: Cannot connect to the broker at \S+: .*ACCESS.REFUSED.*$/m,
      );
      assert.doesNotMatch(daemon.stderr, /hunter2|BrokerError|\bat file:/);
    },
  );

  for (const [env, options, expected] of [
    [{ AMQP_URI: "amqp://h?heartbeat=soon" }, [], /heartbeat must be/],
    [{ AMQP_URI: "amqp://h" }, ["--queue", "q; {"], /address/i],
  ] as const) {
    test(
      `ends with 2 for ${JSON.stringify({ ...env, options })} (HO-13)`,
      { timeout },
      async (t) => {
        const daemon = spawnLambdad(t, ["run", ...options, "app.handler"], {
          cwd: functionFolder(t, "return 1;"),
          env,
        });
        assert.equal((await daemon.end).code, 2);
        assert.match(daemon.stderr, expected);
        assert.doesNotMatch(daemon.stderr, /listening/);
      },
    );
  }

  test("finishes what runs on SIGTERM, and gives the rest back (HO-8)", { timeout }, async (t) => {
    const { start, client, name, gate } = await gatedFunction(t);
    const first = await start("--drain-timeout=60", "--prefetch=2");
    const calls = [1, 2].map((number) => client.invoke(name, { number, gate }));
    await waitFor(() => first.stderr.includes("START RequestId"), { what: "its start" });
    const second = await start();
    first.child.kill("SIGTERM");
    await waitFor(() => second.stderr.includes("START RequestId"), { what: "the other's start" });
    writeFileSync(gate, "");
    assert.deepEqual(await Promise.all(calls), [1, 2]);
    assert.equal((await first.end).code, 0);
  });

  test(
    "gives back what it has to break off after the drain limit (HO-8)",
    { timeout },
    async (t) => {
      const { start, client, name, gate } = await gatedFunction(t);
      const first = await start("--drain-timeout=0.1");
      const call = client.invoke(name, { number: 1, gate });
      await waitFor(() => first.stderr.includes("START RequestId"), { what: "its start" });
      const second = await start();
      first.child.kill("SIGTERM");
      assert.equal((await first.end).code, 0);
      await waitFor(() => second.stderr.includes("START RequestId"), { what: "the other's start" });
      writeFileSync(gate, "");
      assert.equal(await call, 1);
    },
  );
});

interface GatedFunction {
  readonly name: string;
  /** Its invocations end when there is this file. */
  readonly gate: string;
  readonly client: RpcClient;
  /** Starts one host of it, and waits until it consumes. */
  readonly start: (...options: readonly string[]) => Promise<DaemonProcess>;
}

async function gatedFunction(t: TestContext): Promise<GatedFunction> {
  const body = `
    const { existsSync } = await import("node:fs");
    while (!existsSync(event.gate)) await new Promise((resolve) => setTimeout(resolve, 10));
    return event.number;`;
  const name = queueName();
  const uri = await brokerUri();
  const cwd = functionFolder(t, body);
  return {
    name,
    gate: join(temporaryFolder(t), "gate"),
    client: await caller(t, uri),
    start: async (...options) => {
      const args = ["run", "--timeout=60", "--name", name, ...options, "app.handler"];
      const daemon = await startDaemon(t, args, { cwd, env: { AMQP_URI: uri } });
      await waitFor(() => consuming.test(daemon.stderr), { what: "its consumer" });
      return daemon;
    },
  };
}
