// Real processes of lambda-runtime against the real broker.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FunctionError } from "@lambdad/invoke-amqp";
import { waitFor } from "@lambdad/testkit";
import { caller, RuntimeHost, uniqueQueue } from "./testdata/runtime-host.ts";

/** What a call failed with. */
async function errorOf(call: Promise<unknown>): Promise<readonly [string, string]> {
  try {
    await call;
  } catch (error) {
    assert.ok(error instanceof FunctionError, String(error));
    return [error.errorType, error.message];
  }
  throw new assert.AssertionError({ message: "The call did not fail" });
}

describe("lambda-runtime", () => {
  test("echoes without a module: values as values, bytes as bytes", async (t) => {
    const host = await RuntimeHost.start(t);
    const rpc = await caller(t);
    const values = [null, 0, false, "", "text", [1, { a: "\u20ac" }], { errors: [] }];
    const echoed = await Promise.all(values.map((value) => rpc.invoke(host.queue, value)));
    assert.deepEqual(echoed, values);
    const bytes = Buffer.from([0, 255, 128, 65]);
    assert.deepEqual(await rpc.invoke(host.queue, bytes), bytes);
    assert.match(host.output.stderr, /INFO lambda-runtime: Consuming queue '.*': echo, up to 1000/);
  });

  const source = `
    export const handler = (event) => ({
      kind: Buffer.isBuffer(event) ? "bytes" : "value",
      text: Buffer.isBuffer(event) ? event.toString() : JSON.stringify(event),
    });`;
  const bodies = [
    ["application/json; charset=utf-8", '{"a":1}', "value"],
    ["application/vnd.x+json", '{"a":1}', "value"],
    ["application/octet-stream", '{"a":1}', "bytes"],
    ["text/plain", '{"a":1}', "value"],
    ["text/plain", "Hello World", "bytes"],
  ] as const;
  for (const [contentType, body, kind] of bodies) {
    test(`gives the handler ${body} of ${contentType} as ${kind}`, async (t) => {
      const host = await RuntimeHost.start(t, { source });
      const rpc = await caller(t);
      const answer = await rpc.invoke(host.queue, Buffer.from(body), { contentType });
      assert.deepEqual(answer, { kind, text: body });
    });
  }

  test("answers with Runtime.UnmarshalError for bad JSON, and with the handler's own error", async (t) => {
    const text = 'a "quote"\nand a line';
    const thrower = `export const handler = () => { throw new RangeError(${JSON.stringify(text)}); };`;
    const host = await RuntimeHost.start(t, { source: thrower });
    const rpc = await caller(t);
    const broken = rpc.invoke(host.queue, Buffer.from("{"), { contentType: "application/json" });
    assert.equal((await errorOf(broken))[0], "Runtime.UnmarshalError");
    assert.deepEqual(await errorOf(rpc.invoke(host.queue, 1)), ["RangeError", text]);
    await host.said("Invoke Error");
  });

  test("serves QUEUE_NAME of its module, else the module's name", async (t) => {
    const rpc = await caller(t);
    const constant = uniqueQueue();
    const exports = `export const QUEUE_NAME = ${JSON.stringify(constant)}; export default () => "constant";`;
    await RuntimeHost.start(t, { source: exports, queue: null });
    assert.equal(await rpc.invoke(constant, {}), "constant");
    const name = uniqueQueue().replaceAll(".", "-");
    const named = { source: "exports.handler = () => 'named';", file: `${name}.cjs`, queue: null };
    await RuntimeHost.start(t, named);
    assert.equal(await rpc.invoke(name, {}), "named");
  });

  test("consumes what an address string asks for", async (t) => {
    const name = uniqueQueue();
    const queue = `${name}; {"node": {"auto-delete": true}}`;
    await RuntimeHost.start(t, { queue });
    assert.equal(await (await caller(t)).invoke(name, "by address"), "by address");
  });

  test("tells the function what AWS tells it, and hides the broker (INV-10)", async (t) => {
    const host = await RuntimeHost.start(t, {
      source: `const { AWS_LAMBDA_FUNCTION_NAME: early } = process.env;
        export const handler = (event, context) => ({
          early,
          broker: Object.keys(process.env).filter((name) => name.startsWith("AMQP")),
          name: context.functionName,
          arn: context.invokedFunctionArn,
          memory: context.memoryLimitInMB,
          custom: context.clientContext?.custom,
          left: context.getRemainingTimeInMillis(),
        });`,
      env: { AMQP_URI: "amqp://u:p@nowhere.invalid", AMQP_USERNAME: "x", AMQP_PASSWORD: "y" },
      args: ["--timeout", "7"],
    });
    const rpc = await caller(t);
    const options = { clientContext: { custom: { a: 1 } } };
    const told = await rpc.invoke<Record<string, unknown>>(host.queue, {}, options);
    const { left, ...others } = told;
    assert.deepEqual(others, {
      early: host.queue,
      broker: [],
      name: host.queue,
      arn: `arn:aws:lambda:us-east-1:012345678912:function:${host.queue}`,
      memory: "3008",
      custom: { a: 1 },
    });
    assert.ok(typeof left === "number" && left > 0 && left <= 7000, String(left));
  });

  test("runs hundreds of calls at once, and knows which one logs (INV-9)", async (t) => {
    const host = await RuntimeHost.start(t, {
      source: `let inside = 0; let open; const gate = new Promise((resolve) => { open = resolve; });
        export const handler = async (event, context) => {
          inside += 1;
          if (inside === 300) open();
          await gate;
          console.log("call", event);
          return [event, context.awsRequestId];
        };`,
    });
    const rpc = await caller(t);
    const calls = Array.from({ length: 300 }, (_, index) =>
      rpc.invoke<[number, string]>(host.queue, index),
    );
    const answers = await Promise.all(calls);
    await waitFor(() => host.output.stdout.split("\n").length > 300);
    for (const [index, [event, requestId]] of answers.entries()) {
      assert.equal(event, index);
      assert.match(host.output.stdout, new RegExp(`\\t${requestId}\\tINFO\\tcall ${index}\\n`));
    }
  });

  test("gives each caller its own bytes, also of a handler that uses its memory again", async (t) => {
    const scratch = `const scratch = Buffer.alloc(4000);
      export const handler = (event) => scratch.fill(event);`;
    const host = await RuntimeHost.start(t, { source: scratch });
    const rpc = await caller(t);
    const calls = Array.from({ length: 200 }, (_, index) => rpc.invoke<Buffer>(host.queue, index));
    for (const [index, bytes] of (await Promise.all(calls)).entries()) {
      assert.deepEqual([bytes.length, bytes.every((byte) => byte === index)], [4000, true]);
    }
  });

  for (const args of [[], ["--threads", "1"]]) {
    test(`gives the end of a call's log to a caller that asks for it ${args.join(" ")}`, async (t) => {
      const logger = `export const handler = async (event) => { console.log("at", event.place); };`;
      const host = await RuntimeHost.start(t, { source: logger, args });
      const rpc = await caller(t);
      await rpc.call(host.queue, Buffer.from('{"place":"another"}'));
      const { logTail } = await rpc.call(host.queue, Buffer.from('{"place":"home"}'), {
        headers: { "X-Amz-Log-Type": "Tail" },
      });
      assert.match(logTail?.toString() ?? "", /^\S+\t[0-9a-f-]{36}\tINFO\tat home\n$/);
    });
  }

  test("--concurrency leaves to other hosts what it cannot run", async (t) => {
    const slow = `export const handler = async (event) => {
      if (event === "stay") await new Promise(() => {});
      return "slow";
    };`;
    const host = await RuntimeHost.start(t, { source: slow, args: ["--concurrency", "1"] });
    const rpc = await caller(t);
    const staying = rpc.invoke(host.queue, "stay", { timeoutMs: 0 });
    staying.catch(() => undefined);
    await RuntimeHost.start(t, {
      source: 'export const handler = () => "fast";',
      queue: host.queue,
    });
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => rpc.invoke(host.queue, "go")),
    );
    // One may have come to the slow host before the one that stays.
    assert.ok(answers.filter((answer) => answer === "slow").length <= 1, answers.join());
  });
});
