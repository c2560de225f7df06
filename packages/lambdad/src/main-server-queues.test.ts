import assert from "node:assert/strict";
import { describe, test, type TestContext } from "node:test";
import { payloadText } from "@lambdad/core";
import { EventStreamDecoder } from "@lambdad/invoke-http";
import { brokerUri, waitFor } from "@lambdad/testkit";
import { failed, queueName, startAmqpHost } from "./testdata/amqp-host.ts";
import {
  type DaemonProcess,
  functionFolder,
  spawnLambdad,
  startDaemon,
} from "./testdata/daemon-process.ts";
import { invokeAt } from "./testdata/invoke-at.ts";
import { readMetrics } from "./testdata/metrics-text.ts";

const timeout = 60_000;
const dryRun = { "X-Amz-Invocation-Type": "DryRun" };
const event = { "X-Amz-Invocation-Type": "Event" };

/** A server in front of the broker that the tests share; `cwd` has its own functions. */
async function startServer(
  t: TestContext,
  args: readonly string[] = [],
  cwd?: string,
): Promise<DaemonProcess> {
  const env = { AMQP_URI: await brokerUri(), LAMBDAD_METRICS: "true" };
  return startDaemon(t, ["server", ...args], { env, ...(cwd === undefined ? {} : { cwd }) });
}

async function sampleOf(server: DaemonProcess, name: string): Promise<number | undefined> {
  return readMetrics((await server.get("/metrics")).text).samples.get(name);
}

function streamUrl(server: DaemonProcess, name: string): string {
  return `${server.url}/2021-11-15/functions/${name}/response-streaming-invocations`;
}

/** The messages of a streamed response: type and payload as text. */
function messagesOf(pieces: readonly Uint8Array[]): readonly (readonly [string, string])[] {
  const messages: (readonly [string, string])[] = [];
  const decoder = new EventStreamDecoder(({ headers, payload }) => {
    messages.push([headers.get(":event-type") ?? "", Buffer.from(payload).toString()]);
  });
  for (const piece of pieces) decoder.write(piece);
  decoder.end();
  return messages;
}

describe("lambdad server in front of queues", () => {
  test("carries a call through to the host, and its answer back", { timeout }, async (t) => {
    const host = await startAmqpHost(t, (text) => `{"got":${text}}`);
    const server = await startServer(t);
    const headers = {
      "x-amzn-RequestId": "8476a536-e9f4-11e8-9739-2dfe598c3fcd",
      "X-Amzn-Trace-Id":
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1",
      "X-Amz-Client-Context": Buffer.from('{"custom":{"a":1}}').toString("base64"),
    };
    const answer = await invokeAt(server.url, host.name, { a: "é" }, headers);
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.json, { got: { a: "é" } });
    assert.equal(answer.headers.get("x-amz-executed-version"), "$LATEST");
    assert.equal(answer.headers.get("x-amz-function-error"), null);
    const [invocation] = host.invocations;
    assert.equal(invocation?.requestId, headers["x-amzn-RequestId"]);
    assert.equal(invocation.traceId, headers["X-Amzn-Trace-Id"]);
    assert.equal(invocation.clientContext, '{"custom":{"a":1}}');
    assert.equal(payloadText(invocation.payload), '{"a":"é"}');
  });

  test(
    "carries the largest events and responses, and refuses larger ones",
    { timeout },
    async (t) => {
      const host = await startAmqpHost(t, (text) => text);
      const server = await startServer(t);
      const largest = "x".repeat(6_291_556 - 2);
      const answer = await invokeAt(server.url, host.name, largest);
      assert.equal(answer.status, 200);
      assert.equal(answer.headers.get("x-amz-function-error"), null);
      assert.ok(answer.json === largest);
      assert.equal((await invokeAt(server.url, host.name, `${largest}x`)).status, 413);
      assert.equal(host.invocations.length, 1);
    },
  );

  test("answers 200 with the function's own bytes when it failed", { timeout }, async (t) => {
    const text = '{ "errorType": "TypeError", "errorMessage": "as \\"told\\"" }';
    const host = await startAmqpHost(t, () => failed(text));
    const server = await startServer(t);
    const answer = await invokeAt(server.url, host.name);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-amz-function-error"), "Unhandled");
    assert.equal(answer.text, text);
  });

  test("reduces every form of a name to the queue's (amqp-rpc §3)", { timeout }, async (t) => {
    const host = await startAmqpHost(t, () => "1");
    const server = await startServer(t);
    const { name } = host;
    for (const written of [
      name,
      `${name}:7`,
      `${name}:$LATEST`,
      `function:${name}`,
      `123456789012:function:${name}:alias`,
      `arn:aws:lambda:eu-central-1:123456789012:function:${name}`,
      `arn:aws-cn:lambda:cn-north-1:123456789012:function:${name}:7`,
    ]) {
      assert.equal((await invokeAt(server.url, written)).status, 200, written);
      assert.equal((await invokeAt(server.url, written, {}, dryRun)).status, 204, written);
    }
    assert.equal(host.invocations.length, 7);
  });

  test("finds a queue that is called what the caller wrote", { timeout }, async (t) => {
    const name = `${queueName()}:7`;
    const host = await startAmqpHost(t, () => '"written"', { name });
    const server = await startServer(t);
    assert.equal((await invokeAt(server.url, name)).json, "written");
    assert.equal((await invokeAt(server.url, name, {}, dryRun)).status, 204);
    assert.equal((await invokeAt(server.url, name.replace(":7", ":8"))).status, 404);
    assert.equal(host.invocations.length, 1);
  });

  test("answers 404 for a function without a queue (AM-10)", { timeout }, async (t) => {
    const server = await startServer(t, ["--queue-profile=quorum"]);
    const name = queueName();
    for (const headers of [{}, event, dryRun]) {
      const answer = await invokeAt(server.url, name, {}, headers);
      assert.equal(answer.status, 404);
      assert.equal(answer.headers.get("x-amzn-errortype"), "ResourceNotFoundException");
      assert.match(answer.text, new RegExp(`"Message":"Function not found: ${name}: `));
    }
    // An event and a DryRun ask for the queue first.
    assert.equal(await sampleOf(server, "lambdad_broker_returns_total"), 1);
  });

  test("gives up with AWS's time-out, and counts the late reply (§9)", { timeout }, async (t) => {
    const answered = Promise.withResolvers<string>();
    const host = await startAmqpHost(t, () => answered.promise);
    const server = await startServer(t, ["--timeout=1"]);
    const answer = await invokeAt(server.url, host.name);
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get("x-amz-function-error"), "Unhandled");
    const { errorType, errorMessage } = answer.json as Record<string, string>;
    assert.equal(errorType, "Sandbox.Timedout");
    assert.match(errorMessage ?? "", /^RequestId: \S+ Error: Task timed out after 1\.00 seconds$/);
    answered.resolve("1");
    const name = "lambdad_broker_late_replies_total";
    await waitFor(async () => (await sampleOf(server, name)) === 1, { what: "the late reply" });
  });

  test("gives overlapping attempts of an SDK their own answers (HT-4)", { timeout }, async (t) => {
    const first = Promise.withResolvers<string>();
    const host = await startAmqpHost(t, (text) => (text === "1" ? first.promise : text));
    const server = await startServer(t);
    const headers = { "Amz-Sdk-Invocation-Id": "8476a536-e9f4-11e8-9739-2dfe598c3fcd" };
    const one = invokeAt(server.url, host.name, 1, headers);
    await waitFor(() => host.invocations.length === 1, { what: "the first attempt" });
    assert.equal((await invokeAt(server.url, host.name, 2, headers)).json, 2);
    first.resolve("1");
    assert.equal((await one).json, 1);
  });

  test("streams a whole reply in one piece", { timeout }, async (t) => {
    const host = await startAmqpHost(t, (text) => text);
    const server = await startServer(t);
    const response = await fetch(streamUrl(server, host.name), { method: "POST", body: '"abc"' });
    assert.equal(response.status, 200);
    assert.deepEqual(messagesOf([Buffer.from(await response.arrayBuffer())]), [
      ["PayloadChunk", '"abc"'],
      ["InvokeComplete", "{}"],
    ]);
  });

  test("hands a stream on while the function still writes it", { timeout }, async (t) => {
    const seen = Promise.withResolvers<void>();
    const host = await startAmqpHost(t, async (_, { stream }) => {
      assert.ok(stream);
      stream.start("text/plain");
      stream.write(Buffer.from("first "));
      await seen.promise;
      stream.write(Buffer.from("second"));
      return { kind: "streamed", executedVersion: "$LATEST", logTail: undefined, error: undefined };
    });
    const server = await startServer(t);
    const response = await fetch(streamUrl(server, host.name), { method: "POST", body: "{}" });
    const pieces: Uint8Array[] = [];
    for await (const piece of response.body ?? []) {
      pieces.push(piece);
      seen.resolve();
    }
    const messages = messagesOf(pieces);
    const text = messages.filter(([type]) => type === "PayloadChunk").map(([, each]) => each);
    assert.equal(text.join(""), "first second");
    assert.deepEqual(messages.at(-1), ["InvokeComplete", "{}"]);
  });

  test("runs its own functions first, and counts by known names alone", { timeout }, async (t) => {
    const queue = await startAmqpHost(t, () => '"queue"');
    const known = await startAmqpHost(t, () => '"queue"');
    const cwd = functionFolder(t, 'return "here";');
    const own = [`--function=${queue.name}=app.handler`, `--queue-profile=${known.name}=compat`];
    const server = await startServer(t, own, cwd);
    const other = await startAmqpHost(t, () => '"queue"');
    assert.equal((await invokeAt(server.url, queue.name)).json, "here");
    assert.equal((await invokeAt(server.url, known.name)).json, "queue");
    assert.equal((await invokeAt(server.url, other.name)).json, "queue");
    assert.equal(queue.invocations.length, 0);
    for (const name of [queue.name, known.name, "unknown"]) {
      const labels = `function="${name}",type="RequestResponse",result="success"`;
      assert.equal(await sampleOf(server, `lambdad_invocations_total{${labels}}`), 1, name);
    }
    assert.equal(await sampleOf(server, "lambdad_broker_up"), 1);
    assert.deepEqual(await server.get("/health"), { status: 200, text: "ok\n" });
  });

  test("lets what is in flight finish, and ends with 0 (HO-8)", { timeout }, async (t) => {
    const answered = Promise.withResolvers<string>();
    const host = await startAmqpHost(t, () => answered.promise);
    const server = await startServer(t);
    const running = invokeAt(server.url, host.name);
    await waitFor(() => host.invocations.length === 1, { what: "the call" });
    server.child.kill("SIGTERM");
    await waitFor(() => server.stderr.includes("Stopping"), { what: "the stop" });
    assert.equal((await invokeAt(server.url, host.name)).status, 503);
    answered.resolve('"late"');
    assert.equal((await running).json, "late");
    assert.equal((await server.end).code, 0);
  });

  test("fails what is still in flight after --drain-timeout with 503", { timeout }, async (t) => {
    const host = await startAmqpHost(t, () => new Promise(() => {}));
    const server = await startServer(t, ["--drain-timeout=0.1"]);
    const running = invokeAt(server.url, host.name);
    await waitFor(() => host.invocations.length === 1, { what: "the call" });
    server.child.kill("SIGTERM");
    assert.equal((await running).status, 503);
    assert.equal((await server.end).code, 0);
  });
});

describe("lambdad server takes an event", () => {
  for (const profile of ["durable", "quorum"] as const) {
    test(`for a ${profile} queue with 202 (INV-1, AS-4)`, { timeout }, async (t) => {
      const host = await startAmqpHost(t, () => "1", { profile });
      const server = await startServer(t, [`--queue-profile=${host.name}=${profile}`]);
      const answer = await invokeAt(server.url, host.name, { a: 1 }, event);
      assert.equal(answer.status, 202);
      assert.equal(answer.text, "");
      await waitFor(() => host.invocations.length === 1, { what: "the event" });
      const [invocation] = host.invocations;
      assert.equal(invocation?.type, "Event");
      assert.equal(invocation.requestId, answer.headers.get("x-amzn-requestid"));
      assert.equal(payloadText(invocation.payload), '{"a":1}');
      const labels = `function="${host.name}",type="Event",result="success"`;
      assert.equal(await sampleOf(server, `lambdad_invocations_total{${labels}}`), 1);
    });
  }

  test("for no other queue: 503 with the remedy (AS-11)", { timeout }, async (t) => {
    const host = await startAmqpHost(t, () => "1");
    const server = await startServer(t, ["--queue-profile=another=durable"]);
    const answer = await invokeAt(server.url, host.name, {}, event);
    assert.equal(answer.status, 503);
    assert.match(
      answer.text,
      new RegExp(`--queue-profile durable or quorum .*${host.name}=durable`),
    );
    assert.equal(host.invocations.length, 0);
  });
});

describe("lambdad server and a broker that refuses (AM-21)", () => {
  for (const own of [[], ["--function=own=app.handler"]]) {
    test(
      `ends with 1 ${own.length === 0 ? "without" : "with"} functions`,
      { timeout },
      async (t) => {
        const uri = new URL(await brokerUri());
        uri.username = "nobody";
        uri.password = "hunter2";
        const server = spawnLambdad(t, ["server", ...own], {
          cwd: functionFolder(t, "return 1;"),
          env: { AMQP_URI: uri.href },
        });
        assert.equal((await server.end).code, 1);
        assert.match(
          server.stderr,
          /\nlambdad: Cannot connect to the broker at .*ACCESS[-_]REFUSED/,
        );
        assert.doesNotMatch(server.stderr, /hunter2/);
      },
    );
  }
});
