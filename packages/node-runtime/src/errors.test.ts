import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failed, returned } from "./testdata/answers.ts";
import { transports } from "./testdata/transports.ts";

// Types, texts and exit codes are those of aws-lambda-ric 3.3.0 (callbacks, exit codes) and 4.0.2
// (JSON.stringify), both from npm.

const unreadable =
  "callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack";

/** What a handler does wrong, and the error that its caller gets. */
const faults: readonly (readonly [what: string, source: string, type: string, text: string])[] = [
  ["throws an error", "() => { throw new TypeError('no') }", "TypeError", "no"],
  ["rejects with an error", "async () => { throw new RangeError('no') }", "RangeError", "no"],
  ["throws a text", "async () => { throw 'text' }", "string", "text"],
  ["throws null", "async () => { throw null }", "object", "null"],
  ["throws undefined", "async () => { throw undefined }", "undefined", "undefined"],
  ["throws an object", "async () => { throw { code: 1 } }", "object", "[object Object]"],
  ["throws an object without a text", "() => { throw Object.create(null) }", "handled", unreadable],
  [
    "rejects with a proxy that cannot be looked at",
    "async () => { throw new Proxy({}, { getPrototypeOf() { throw 1 }, get() { throw 2 } }) }",
    "handled",
    unreadable,
  ],
  ["calls back with an error", "(e, c, cb) => { cb(new Error('cb')) }", "Error", "cb"],
  ["calls back with a text", "(e, c, cb) => { cb('cb') }", "string", "cb"],
  ["calls context.fail()", "(e, c) => { c.fail(new Error('f')) }", "Error", "f"],
  ["calls context.fail() with nothing", "(e, c) => { c.fail() }", "string", "handled"],
  ["calls context.done() with an error", "(e, c) => { c.done('d') }", "string", "d"],
  [
    "returns a big integer",
    "async () => ({ n: 1n })",
    "Runtime.JSONStringifyError",
    "Unable to stringify response body",
  ],
  [
    "returns a cycle",
    "async () => { const a = {}; a.a = a; return a }",
    "Runtime.JSONStringifyError",
    "Unable to stringify response body",
  ],
  [
    "returns a function",
    "async () => () => 1",
    "Runtime.JSONStringifyError",
    "Unable to stringify response body",
  ],
  [
    "returns what throws when it is serialised",
    "async () => ({ toJSON() { throw new Error('x') } })",
    "Runtime.JSONStringifyError",
    "Unable to stringify response body",
  ],
];

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    for (const [what, source, errorType, errorMessage] of faults) {
      test(`RT-1: a handler that ${what} fails with ${errorType}, and the next event is served`, async (t) => {
        const host = await start(t, {
          "index.cjs": `const fail = ${source};
            exports.handler = (e, c, cb) => (e === "ok" ? cb(null, e) : fail(e, c, cb));`,
        });
        const error = failed(await host.invoke("{}"));
        assert.deepEqual([error.errorType, error.errorMessage], [errorType, errorMessage]);
        assert.match(host.output(), /\tERROR\tInvoke Error \t\{"errorType":/);
        assert.equal(returned(await host.invoke('"ok"')), '"ok"');
      });
    }

    test("what cannot be looked at is logged as JSON, too, and the next event is served", async (t) => {
      const host = await start(t, {
        "index.mjs": `export const handler = async (event) => {
          if (event === "ok") return event;
          throw Object.defineProperty(new Error("x"), "stack", { get() { throw new Error("y"); } });
        };`,
        env: { AWS_LAMBDA_LOG_FORMAT: "JSON" },
      });
      assert.equal(failed(await host.invoke("{}")).errorType, "handled");
      assert.match(host.output(), /"level":"ERROR"/);
      assert.equal(returned(await host.invoke('"ok"')), '"ok"');
    });

    test("the trace of an error names the function's file and line", async (t) => {
      const source = "\n\nexport async function handler() { throw new Error('here') }";
      const host = await start(t, { "index.mjs": source });
      const { trace } = failed(await host.invoke("{}"));
      assert.equal(trace[0], "Error: here");
      assert.match(trace[1] ?? "", /^ {4}at .*handler \(file:\/\/.*\/index\.mjs:3:\d+\)$/);
    });

    test("an error with a cause answers with itself and logs the cause", async (t) => {
      const source = `export const handler = async () => {
        throw new Error("outer", { cause: new Error("inner") });
      };`;
      const host = await start(t, { "index.mjs": source });
      const error = failed(await host.invoke("{}"));
      assert.equal(error.errorMessage, "outer");
      assert.match(host.output(), /"cause":\{"errorType":"Error","errorMessage":"inner"/);
    });

    test("an event that is not JSON fails with a SyntaxError", async (t) => {
      const host = await start(t, { "index.mjs": "export const handler = async (e) => e;" });
      assert.equal(failed(await host.invoke("not json")).errorType, "SyntaxError");
      assert.equal(returned(await host.invoke("1")), "1");
    });

    test("a rejection that nobody handles fails the invocation and ends the process with 128", async (t) => {
      const source = `exports.handler = async () => {
        void Promise.reject(new TypeError("forgotten"));
        return "lost";
      };`;
      const host = await start(t, { "index.cjs": source });
      const error = failed(await host.invoke("{}"));
      assert.equal(error.errorType, "Runtime.UnhandledPromiseRejection");
      assert.equal(error.errorMessage, "TypeError: forgotten");
      assert.equal(error.trace[0], "Runtime.UnhandledPromiseRejection: TypeError: forgotten");
      assert.equal((await host.exited).code, 128);
      assert.match(
        host.output(),
        /\tERROR\tUnhandled Promise Rejection \t\{"errorType":"Runtime.Un/,
      );
    });

    test("an exception in a timer fails the invocation and ends the process with 129", async (t) => {
      const source = `exports.handler = () => new Promise(() => {
        setTimeout(() => { throw new RangeError("in a timer") }, 1);
      });`;
      const host = await start(t, { "index.cjs": source });
      const error = failed(await host.invoke("{}"));
      assert.deepEqual([error.errorType, error.errorMessage], ["RangeError", "in a timer"]);
      assert.equal((await host.exited).code, 129);
      assert.match(host.output(), /\tERROR\tUncaught Exception \t\{"errorType":"RangeError"/);
    });

    test("RT-3: an exception between invocations ends the process and answers nobody", async (t) => {
      const source = `exports.handler = async () => {
        setTimeout(() => { throw new Error("too late") }, 20);
        return "good";
      };`;
      const host = await start(t, { "index.cjs": source });
      assert.equal(returned(await host.invoke("{}")), '"good"');
      assert.equal((await host.exited).code, 129);
    });

    for (const [call, code] of [
      ["process.exit(3)", 3],
      ["process.exit()", 0],
    ] as const) {
      test(`RT-2: ${call} in a handler sends nothing and loses no output`, async (t) => {
        const source = `exports.handler = async () => {
          process.stdout.write("x".repeat(1_000_000) + "\\n");
          console.log("y".repeat(1_000_000));
          ${call};
        };`;
        const host = await start(t, { "index.cjs": source });
        const answer = await host.invoke("{}");
        assert.deepEqual(answer, { kind: "exited", code, signal: null });
        assert.match(host.output(), /^x{1000000}\n.*\tINFO\ty{1000000}\n$/);
      });
    }
  });
}

test("INV-12: the process ends when its host has gone", async (t) => {
  const { start } = transports[0] ?? assert.fail();
  const source = "exports.handler = () => new Promise(() => { setInterval(() => {}, 1000) });";
  const host = await start(t, { "index.cjs": source });
  void host.invoke("{}");
  (host.child.stdio[3] as { destroy?: () => void } | null)?.destroy?.();
  assert.equal((await host.exited).code, 1);
});
