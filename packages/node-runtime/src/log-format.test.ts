import assert from "node:assert/strict";
import { test } from "node:test";
import {
  jsonLogLine,
  type LogEvent,
  logLevels,
  singleLine,
  telemetryFrame,
  textLogLine,
} from "./log-format.ts";

// The forms are those of aws-lambda-ric 3.3.0 from npm.

const timeMs = Date.UTC(2026, 10, 21, 12, 0, 0, 7);
const event = (args: readonly unknown[], more: Partial<LogEvent> = {}): LogEvent => ({
  timeMs,
  level: "INFO",
  requestId: "id-1",
  tenantId: undefined,
  args,
  ...more,
});

for (const [name, args, text] of [
  ["one text", ["hello"], "hello"],
  ["a format string", ["%s is %d", "x", 5], "x is 5"],
  ["an object", [{ a: [1] }], "{ a: [ 1 ] }"],
  ["nothing at all, as AWS does", [], "undefined"],
] as const) {
  test(`textLogLine() writes ${name}`, () => {
    const line = textLogLine(event(args));
    assert.equal(line, `2026-11-21T12:00:00.007Z\tid-1\tINFO\t${text}`);
  });
}

test("textLogLine() writes 'undefined' outside an invocation", () => {
  assert.match(textLogLine(event(["x"], { requestId: undefined })), /Z\tundefined\tINFO\tx$/);
});

test("singleLine() keeps an event of several lines together", () => {
  assert.equal(singleLine("a\nb\n"), "a\rb\r");
  assert.equal(singleLine("ab"), "ab");
});

const head = '{"timestamp":"2026-11-21T12:00:00.007Z","level":"INFO","requestId":"id-1"';

for (const [name, args, rest] of [
  ["one text", ["hello"], ',"message":"hello"}'],
  ["one object as it is", [{ a: [1] }], ',"message":{"a":[1]}}'],
  ["several values as one text", ["a", 1], ',"message":"a 1"}'],
  ["no value, as AWS does", [], "}"],
] as const) {
  test(`jsonLogLine() writes ${name}`, () => {
    assert.equal(jsonLogLine(event(args)), head + rest);
  });
}

test("jsonLogLine() leaves out what it does not know, and adds the tenant", () => {
  const line = jsonLogLine(event(["x"], { requestId: undefined, tenantId: "blue" }));
  assert.deepEqual(JSON.parse(line), {
    timestamp: "2026-11-21T12:00:00.007Z",
    level: "INFO",
    tenantId: "blue",
    message: "x",
  });
});

test("jsonLogLine() spells an only error out as the message", () => {
  const error = Object.assign(new TypeError("no"), { code: "E" });
  error.stack = "TypeError: no\n    at f";
  const { message } = JSON.parse(jsonLogLine(event([error])));
  assert.deepEqual(message, {
    errorType: "TypeError",
    errorMessage: "no",
    stackTrace: ["TypeError: no", "    at f"],
    code: "E",
  });
});

test("jsonLogLine() adds the members of the first error among several values", () => {
  const error = new TypeError("no");
  error.stack = "TypeError: no";
  const line = JSON.parse(jsonLogLine(event(["failed:", error, new Error("second")])));
  assert.equal(line.errorType, "TypeError");
  assert.equal(line.errorMessage, "no");
  assert.deepEqual(line.stackTrace, ["TypeError: no"]);
});

test("jsonLogLine() writes what JSON cannot hold as text", () => {
  const loop: Record<string, unknown> = {};
  loop["self"] = loop;
  assert.match(JSON.parse(jsonLogLine(event([loop]))).message, /^<ref \*1> \{ self: \[Circular/);
  assert.equal(JSON.parse(jsonLogLine(event([7n]))).message, "7n");
});

for (const [format, type] of [
  ["Text", 0xa55a0003],
  ["JSON", 0xa55a0002],
] as const) {
  for (const level of ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"] as const) {
    test(`telemetryFrame() marks ${format} events of level ${level}`, () => {
      const frame = telemetryFrame(event([], { level }), "né", format);
      assert.equal(frame.readUInt32BE(0), (type | logLevels[level].frameBits) >>> 0);
      assert.equal(frame.readUInt32BE(4), 3);
      assert.equal(frame.readBigUInt64BE(8), BigInt(timeMs) * 1000n);
      assert.equal(frame.subarray(16).toString(), "né");
    });
  }
}
