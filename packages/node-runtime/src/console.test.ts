import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { returned } from "./testdata/answers.ts";
import { transports } from "./testdata/transports.ts";

const requestId = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const allLevels = `export const handler = async () => {
  for (const level of ["trace", "debug", "info", "log", "warn", "error", "fatal"]) console[level](level);
};`;

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    test("console writes one line per event: time, request id, level, text", async (t) => {
      const source = `console.log("loading");
        export const handler = async () => { console.warn("a\\nb %d", 5, { c: 1 }); };`;
      const host = await start(t, { "index.mjs": source });
      await host.invoke("{}", { requestId });
      const time = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
      const pattern = `^${time}\tundefined\tINFO\tloading\n${time}\t${requestId}\tWARN\ta\rb 5 { c: 1 }\n$`;
      assert.match(host.output(), new RegExp(pattern));
    });

    test("every level has its name", async (t) => {
      const host = await start(t, { "index.mjs": allLevels });
      await host.invoke("{}");
      const levels = host
        .output()
        .trimEnd()
        .split("\n")
        .map((line) => line.split("\t").slice(2));
      assert.deepEqual(levels, [
        ["TRACE", "trace"],
        ["DEBUG", "debug"],
        ["INFO", "info"],
        ["INFO", "log"],
        ["WARN", "warn"],
        ["ERROR", "error"],
        ["FATAL", "fatal"],
      ]);
    });

    test("AWS_LAMBDA_LOG_LEVEL drops what is less urgent", async (t) => {
      const env = { AWS_LAMBDA_LOG_LEVEL: "warn", AWS_LAMBDA_LOG_FORMAT: "JSON" };
      const host = await start(t, { "index.mjs": allLevels, env });
      await host.invoke("{}", { requestId, tenantId: "blue" });
      const lines = host
        .output()
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line));
      assert.deepEqual(
        lines.map(({ level, message }) => [level, message]),
        [
          ["WARN", "warn"],
          ["ERROR", "error"],
          ["FATAL", "fatal"],
        ],
      );
      assert.deepEqual(Object.keys(lines[0]), [
        "timestamp",
        "level",
        "requestId",
        "tenantId",
        "message",
      ]);
      assert.equal(lines[0].requestId, requestId);
    });

    test("a failure is one JSON event when the format is JSON", async (t) => {
      const host = await start(t, {
        "index.mjs": "export const handler = async () => { throw new TypeError('no') };",
        env: { AWS_LAMBDA_LOG_FORMAT: "JSON" },
      });
      await host.invoke("{}", { requestId });
      const { level, message } = JSON.parse(host.output());
      assert.equal(level, "ERROR");
      assert.deepEqual([message.errorType, message.errorMessage], ["TypeError", "no"]);
    });

    test("what the function logged is out before its answer is", async (t) => {
      const source = `export const handler = async () => {
        console.log("c".repeat(500_000));
        process.stdout.write("w".repeat(500_000) + "\\n");
        console.log("end");
        return 1;
      };`;
      const host = await start(t, { "index.mjs": source });
      const answer = await host.invoke("{}");
      assert.equal(returned(answer), "1");
      assert.match(host.output(), /\tINFO\tc{500000}\nw{500000}\n.*\tINFO\tend\n$/);
    });

    test("process.stdout and process.stderr pass through as they are", async (t) => {
      const source = `export const handler = async () => {
        process.stdout.write("out\\n");
        process.stderr.write("err\\n");
      };`;
      const host = await start(t, { "index.mjs": source });
      await host.invoke("{}");
      await host.invoke("{}");
      assert.equal(host.output(), "out\nout\n");
      assert.match(host.errorOutput(), /^err\n/);
    });

    test("_LAMBDA_TELEMETRY_LOG_FD takes frames, and is hidden from the function", async (t) => {
      const source = `export const handler = async () => {
        console.error("a\\nb");
        return process.env._LAMBDA_TELEMETRY_LOG_FD ?? "hidden";
      };`;
      // Standard error stands in for the descriptor that a platform opens.
      const env = { _LAMBDA_TELEMETRY_LOG_FD: "2" };
      const host = await start(t, { "index.mjs": source, env });
      assert.equal(returned(await host.invoke("{}", { requestId })), '"hidden"');
      await host.invoke("{}");
      assert.equal(host.output(), "");
      assert.match(host.errorOutput(), new RegExp(`Z\t${requestId}\tERROR\ta\nb\n`));
    });
  });
}
