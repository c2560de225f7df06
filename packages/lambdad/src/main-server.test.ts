import assert from "node:assert/strict";
import { createServer } from "node:net";
import { once } from "node:events";
import { describe, test, type TestContext } from "node:test";
import { waitFor } from "@lambdad/testkit";
import { closedPort } from "./testdata/command-fixture.ts";
import {
  type DaemonProcess,
  folderOf,
  spawnLambdad,
  startDaemon,
} from "./testdata/daemon-process.ts";
import { readMetrics } from "./testdata/metrics-text.ts";
import { invokeAt } from "./testdata/invoke-at.ts";

const timeout = 60_000;

const files = {
  "app.mjs": `
    export const echo = async (event) => event;
    export const facts = async (event, context) => ({
      pid: process.pid,
      name: context.functionName,
      arn: context.invokedFunctionArn,
      memory: context.memoryLimitInMB,
      color: process.env.COLOR,
      variables: Object.keys(process.env).filter((name) => /^(AMQP_|LAMBDAD_)/.test(name)),
    });
    export const slow = async (event) => {
      console.log("started");
      await new Promise((resolve) => setTimeout(resolve, event.ms));
      return "late";
    };
  `,
  "blue.env": "COLOR=blue\n",
};

const functions = ["--function", "echo=app.echo", "--function", "facts=app.facts"];

function startServer(
  t: TestContext,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<DaemonProcess> {
  return startDaemon(t, ["server", ...args], { cwd: folderOf(t, files), env });
}

describe("lambdad server with functions of this machine", () => {
  test("runs each in an environment of its own, with its own settings", { timeout }, async (t) => {
    const more = [
      "--function=more=app.facts",
      "--memory=more=512",
      "--function-env-file=more=blue.env",
    ];
    const server = await startServer(t, [...functions, ...more], {
      AWS_LAMBDA_FUNCTION_NAME: "of-somebody-else",
      LAMBDAD_METRICS: "true",
    });
    assert.deepEqual((await invokeAt(server.url, "echo", { a: 1 })).json, { a: 1 });
    const facts = (await invokeAt(server.url, "facts")).json as Record<string, unknown>;
    const others = (await invokeAt(server.url, "more")).json as Record<string, unknown>;
    assert.notEqual(facts["pid"], others["pid"]);
    assert.deepEqual(
      [facts["name"], facts["memory"], facts["color"]],
      ["facts", "3008", undefined],
    );
    assert.deepEqual([others["name"], others["memory"], others["color"]], ["more", "512", "blue"]);
    assert.equal(facts["arn"], "arn:aws:lambda:us-east-1:012345678912:function:facts");
    const { samples } = readMetrics((await server.get("/metrics")).text);
    for (const name of ["echo", "facts", "more"]) {
      const labels = `function="${name}",type="RequestResponse",result="success"`;
      assert.equal(samples.get(`lambdad_invocations_total{${labels}}`), 1, name);
      assert.equal(samples.get(`lambdad_environments{function="${name}",state="idle"}`), 1, name);
    }
    assert.equal(samples.has("lambdad_broker_up"), false);
    assert.deepEqual(await server.get("/health"), { status: 200, text: "ok\n" });
  });

  test("answers to every form of a name, and to no other (HT-10)", { timeout }, async (t) => {
    const server = await startServer(t, functions);
    const arn = "arn:aws:lambda:us-east-1:012345678912:function:";
    for (const name of ["echo", "echo:$LATEST", "012345678912:function:echo", `${arn}echo`]) {
      assert.equal((await invokeAt(server.url, name, 1)).status, 200, name);
    }
    for (const [name, status] of [
      ["nope", 404],
      ["function", 404],
      ["echo:7", 404],
      ["arn:aws:lambda:eu-west-1:012345678912:function:echo", 404],
      ["999999999999:function:echo", 403],
    ] as const) {
      const { status: given, headers } = await invokeAt(server.url, name, 1);
      assert.equal(given, status, name);
      const type = status === 404 ? "ResourceNotFoundException" : "AccessDeniedException";
      assert.equal(headers.get("x-amzn-errortype"), type);
    }
    const dryRun = { "X-Amz-Invocation-Type": "DryRun" };
    assert.equal((await invokeAt(server.url, "echo", {}, dryRun)).status, 204);
    assert.equal((await invokeAt(server.url, "nope", {}, dryRun)).status, 404);
  });

  test("holds each to its own limit of time (RT-4)", { timeout }, async (t) => {
    const both = ["--function=a=app.slow", "--function=b=app.slow"];
    const server = await startServer(t, [...both, "--timeout=60", "--timeout=a=1"]);
    const [a, b] = await Promise.all([
      invokeAt(server.url, "a", { ms: 30_000 }),
      invokeAt(server.url, "b", { ms: 1_500 }),
    ]);
    assert.equal(a.headers.get("x-amz-function-error"), "Unhandled");
    assert.match(a.text, /"errorType":"Sandbox.Timedout".*Task timed out after 1\.00 seconds/);
    assert.deepEqual([b.status, b.json], [200, "late"]);
  });

  test(
    "refuses events without a place for them, and keeps them with one",
    { timeout },
    async (t) => {
      const event = { "X-Amz-Invocation-Type": "Event" };
      const none = await startServer(t, functions);
      const refused = await invokeAt(none.url, "echo", {}, event);
      assert.equal(refused.status, 503);
      assert.match(refused.text, /--events=memory/);
      const memory = await startServer(t, [...functions, "--events=memory", "--metrics"]);
      assert.equal((await invokeAt(memory.url, "echo", {}, event)).status, 202);
      const name = 'lambdad_events_succeeded_total{function="echo"}';
      await waitFor(async () => {
        const { samples } = readMetrics((await memory.get("/metrics")).text);
        return samples.get(name) === 1;
      });
      assert.equal((await invokeAt(memory.url, "nope", {}, event)).status, 404);
    },
  );

  test(
    "lets what runs finish, refuses the rest, and ends with 0 (HO-8)",
    { timeout },
    async (t) => {
      const server = await startServer(t, ["--function=slow=app.slow", "--timeout=30"]);
      const running = invokeAt(server.url, "slow", { ms: 1_000 });
      await waitFor(() => server.stdout.includes("started"), { what: "the running invocation" });
      server.child.kill("SIGTERM");
      await waitFor(() => server.stderr.includes("Stopping"), { what: "the stop" });
      assert.deepEqual(await server.get("/health"), { status: 503, text: "draining\n" });
      assert.equal((await invokeAt(server.url, "slow", { ms: 0 })).status, 503);
      assert.deepEqual((await running).json, "late");
      assert.equal((await server.end).code, 0);
    },
  );
});

describe("lambdad server does not start", () => {
  const two = ["server", "--function=a=app.echo"];

  test("with nothing to serve", { timeout }, async (t) => {
    const server = spawnLambdad(t, ["server"]);
    assert.equal((await server.end).code, 2);
    assert.match(server.stderr, /^lambdad: There is nothing to serve: give --amqp-uri or AMQP_URI/);
    assert.match(server.stderr, /Type 'lambdad server --help' for help\.\n$/);
  });

  test("with functions that are not there: it names all of them", { timeout }, async (t) => {
    const args = ["server", "--function=a=app.echo", "--function=b=no.h", "--function=c=none.h"];
    const server = spawnLambdad(t, args, { cwd: folderOf(t, files) });
    assert.equal((await server.end).code, 2);
    const lines = server.stderr.trim().split("\n");
    assert.match(lines[0] ?? "", /^lambdad: --function b: Cannot run 'no\.h'/);
    assert.match(lines[1] ?? "", /^lambdad: --function c: Cannot run 'none\.h'/);
    assert.equal(lines.length, 3);
  });

  test("with a broker's URI that cannot be read", { timeout }, async (t) => {
    const args = ["server", "--amqp-uri=amqp://u:hunter2@h?heartbeat=x"];
    const server = spawnLambdad(t, args);
    assert.equal((await server.end).code, 2);
    assert.match(server.stderr, /heartbeat/);
    assert.doesNotMatch(server.stderr, /hunter2/);
  });

  test("on a port that is taken (HO-9)", { timeout }, async (t) => {
    const taken = createServer().listen(0, "127.0.0.1");
    t.after(() => taken.close());
    await once(taken, "listening");
    const { port } = taken.address() as { readonly port: number };
    const server = spawnLambdad(t, [...two, `--port=${port}`], { cwd: folderOf(t, files) });
    assert.equal((await server.end).code, 1);
    assert.match(server.stderr, new RegExp(`^lambdad: Cannot listen on 127.0.0.1:${port} for the`));
  });

  test(
    "without a broker and a function of its own, after its attempts (AM-1)",
    { timeout },
    async (t) => {
      const port = await closedPort();
      const uri = `amqp://u:hunter2@127.0.0.1:${port}?connection_attempts=2&retry_delay=0.1`;
      const server = spawnLambdad(t, ["server"], { env: { AMQP_URI: uri } });
      assert.equal((await server.end).code, 1);
      const place = `127.0.0.1:${port}`;
      assert.match(server.stderr, new RegExp(`${place}: .*ECONNREFUSED.*attempt 1 of 2`));
      assert.match(
        server.stderr,
        new RegExp(`\nlambdad: Cannot connect to the broker at ${place}: .*\n$`),
      );
      assert.doesNotMatch(server.stderr, /hunter2/);
    },
  );

  test("and ends with 0 when it is told to during its attempts", { timeout }, async (t) => {
    const uri = `amqp://127.0.0.1:${await closedPort()}?connection_attempts=20&retry_delay=10`;
    const server = await startServer(t, [], { AMQP_URI: uri });
    await waitFor(() => server.stderr.includes("attempt 1 of 20"), { what: "the first attempt" });
    const { status, text } = await server.get("/health");
    assert.equal(status, 503);
    assert.match(text, /^unhealthy: the broker is not connected/);
    assert.equal((await server.get("/health/live")).status, 200);
    server.child.kill("SIGTERM");
    assert.equal((await server.end).code, 0);
  });
});
