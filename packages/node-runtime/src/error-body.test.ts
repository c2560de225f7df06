import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import { asError, errorBody, errorLogText, unhandledRejection } from "./error-body.ts";
import { RuntimeError } from "./runtime-error.ts";

// The shapes are those of aws-lambda-ric 3.3.0 and 4.0.2 from npm: type, message, trace, in this order.

const notErrors = [
  ["a string", "boom", "string", "boom"],
  ["null", null, "object", "null"],
  ["undefined", undefined, "undefined", "undefined"],
  ["an object", { code: 1 }, "object", "[object Object]"],
  ["a number", 42, "number", "42"],
  ["a big integer", 7n, "bigint", "7"],
  ["a symbol", Symbol("s"), "symbol", "Symbol(s)"],
] as const;

for (const [name, thrown, errorType, errorMessage] of notErrors) {
  test(`errorBody() gives ${name} its typeof and its text`, () => {
    assert.deepEqual(errorBody(thrown), { errorType, errorMessage, trace: [] });
  });
}

test("errorBody() splits the stack of an error into lines", () => {
  const error = new TypeError("no");
  error.stack = "TypeError: no\n    at f (/var/task/index.js:1:2)";
  assert.equal(
    JSON.stringify(errorBody(error)),
    '{"errorType":"TypeError","errorMessage":"no","trace":["TypeError: no","    at f (/var/task/index.js:1:2)"]}',
  );
});

test("errorBody() names an error by its name, not by its class", () => {
  class Named extends Error {
    override readonly name = "My.Error";
  }
  assert.equal(errorBody(new Named("x")).errorType, "My.Error");
});

test("errorBody() leaves the cause out", () => {
  const error = new Error("outer", { cause: new Error("inner") });
  assert.deepEqual(Object.keys(errorBody(error)), ["errorType", "errorMessage", "trace"]);
});

test("errorBody() knows errors of other realms, and what has all members of one", () => {
  const foreign: unknown = runInNewContext("new RangeError('far')");
  assert.equal(errorBody(foreign).errorType, "RangeError");
  const alike = { name: "Alike", message: "m", stack: "s1\ns2" };
  assert.deepEqual(errorBody(alike), {
    errorType: "Alike",
    errorMessage: "m",
    trace: ["s1", "s2"],
  });
});

test("errorBody() escapes DEL", () => {
  const error = new Error("a\x7fb");
  error.stack = "x\x7f";
  assert.deepEqual(errorBody(error), {
    errorType: "Error",
    errorMessage: "a%7Fb",
    trace: ["x%7F"],
  });
});

for (const [name, thrown] of [
  ["a message that throws", Object.defineProperty(new Error("x"), "message", { get: fail })],
  ["an object without text", Object.create(null)],
  ["a proxy that throws", new Proxy({}, { get: fail, getPrototypeOf: fail })],
] as const) {
  test(`errorBody() survives ${name}`, () => {
    assert.equal(errorBody(thrown).errorType, "handled");
  });

  test(`what is logged survives ${name}`, () => {
    assert.ok(asError(thrown) instanceof Error);
    assert.match(errorLogText(thrown), /^\t\{"errorType":/);
    const { name: errorType, reason } = unhandledRejection(thrown, undefined) as Error & {
      readonly reason: unknown;
    };
    assert.equal(errorType, "Runtime.UnhandledPromiseRejection");
    assert.ok(reason === thrown);
    assert.match(errorLogText(unhandledRejection(thrown, undefined)), /UnhandledPromiseRejection/);
  });
}

function fail(): never {
  throw new Error("unreadable");
}

test("errorLogText() lists the members of an error and of its causes", () => {
  const inner = new RangeError("inner");
  const outer = Object.assign(new Error("outer", { cause: inner }), { code: "E1", extra: [1] });
  const text = errorLogText(outer);
  assert.equal(text[0], "\t");
  const { stack, cause, ...rest } = JSON.parse(text.slice(1));
  assert.deepEqual(rest, { errorType: "Error", errorMessage: "outer", code: "E1", extra: [1] });
  assert.equal(stack[0], "Error: outer");
  assert.equal(cause.errorType, "RangeError");
});

test("errorLogText() falls back to the error body where JSON cannot hold a member", () => {
  const error = Object.assign(new Error("loop"), { self: {} });
  error.self = error;
  assert.match(errorLogText(error), /^\t\{"errorType":"Error","errorMessage":"loop","trace":/);
});

test("RuntimeError carries AWS's name in its stack too", () => {
  const error = new RuntimeError("HandlerNotFound", "index.x is undefined or not exported");
  assert.equal(error.name, "Runtime.HandlerNotFound");
  assert.match(error.stack ?? "", /^Runtime\.HandlerNotFound: index\.x is undefined/);
});
