import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ServiceError } from "../client/errors.ts";
import { loadModel } from "../model/load-model.ts";
import type { Acceptor } from "../model/model.ts";
import { serviceNames } from "../model/service-names.ts";
import { compileAcceptors, type Outcome } from "./acceptors.ts";

function error(code: string, name: string, statusCode: number): Outcome {
  const fault = "client" as const;
  const given = { name, code, message: "m", fault, service: "s", operation: "o" };
  const made = new ServiceError({ ...given, retryable: false, throttling: false });
  made.$metadata = { httpStatusCode: statusCode, attempts: 1, totalRetryDelay: 0 };
  return { error: made };
}

const output = (value: object): Outcome => ({
  output: { ...value, $metadata: { httpStatusCode: 200, attempts: 1, totalRetryDelay: 0 } },
});
const NOT_FOUND = error("InvalidThing.NotFound", "ThingNotFound", 404);

type Case = readonly [Omit<Acceptor, "state">, Outcome, boolean];
const CASES: readonly Case[] = [
  [{ matcher: "path", argument: "a.b", expected: "x" }, output({ a: { b: "x" } }), true],
  [{ matcher: "path", argument: "a.b", expected: "x" }, output({ a: {} }), false],
  [{ matcher: "path", argument: "length(a[]) > `0`", expected: true }, output({}), false],
  [{ matcher: "path", argument: "length(a) == `0`", expected: true }, output({ a: [] }), true],
  [{ matcher: "path", argument: "a", expected: 0 }, output({ a: 0 }), true],
  [{ matcher: "path", argument: "a != 'x'", expected: true }, NOT_FOUND, false],
  [
    { matcher: "pathAll", argument: "a[].b", expected: "x" },
    output({ a: [{ b: "x" }, { b: "x" }] }),
    true,
  ],
  [
    { matcher: "pathAll", argument: "a[].b", expected: "x" },
    output({ a: [{ b: "x" }, { b: "y" }] }),
    false,
  ],
  [{ matcher: "pathAll", argument: "a[].b", expected: "x" }, output({ a: [] }), false],
  [{ matcher: "pathAll", argument: "a[].b", expected: "x" }, output({}), false],
  [{ matcher: "pathAll", argument: "a", expected: "x" }, output({ a: "x" }), false],
  [
    { matcher: "pathAny", argument: "a[].b", expected: "x" },
    output({ a: [{ b: "y" }, { b: "x" }] }),
    true,
  ],
  [{ matcher: "pathAny", argument: "a[].b", expected: "x" }, output({ a: [{ b: "y" }] }), false],
  [{ matcher: "pathAny", argument: "a[].b", expected: "x" }, output({ a: [] }), false],
  [{ matcher: "pathAny", argument: "a[].b", expected: "x" }, NOT_FOUND, false],
  [{ matcher: "status", expected: 200 }, output({}), true],
  [{ matcher: "status", expected: 404 }, output({}), false],
  [{ matcher: "status", expected: 404 }, NOT_FOUND, true],
  [{ matcher: "error", expected: "InvalidThing.NotFound" }, NOT_FOUND, true],
  [{ matcher: "error", expected: "ThingNotFound" }, NOT_FOUND, true],
  [{ matcher: "error", expected: "Other" }, NOT_FOUND, false],
  [{ matcher: "error", expected: "Other" }, output({}), false],
  [{ matcher: "error", expected: true }, NOT_FOUND, true],
  [{ matcher: "error", expected: true }, output({}), false],
  [{ matcher: "error", expected: false }, output({}), true],
  [{ matcher: "error", expected: false }, NOT_FOUND, false],
];

describe("compileAcceptors()", () => {
  for (const [acceptor, outcome, expected] of CASES) {
    const seen = outcome.error?.code ?? JSON.stringify(outcome.output);
    test(`${JSON.stringify(acceptor)} ${expected ? "matches" : "does not match"} ${seen}`, () => {
      const model = {
        operation: "o",
        delay: 1,
        maxAttempts: 1,
        acceptors: [{ state: "success", ...acceptor }] as const,
      };
      const [compiled] = compileAcceptors(model);
      assert.equal(compiled?.matches(outcome), expected);
    });
  }

  test("compiles every acceptor of every model", () => {
    let count = 0;
    for (const name of serviceNames()) {
      for (const [waiter, model] of Object.entries(loadModel(name).waiters)) {
        const where = `${name} ${waiter}`;
        assert.equal(compileAcceptors(model).length, model.acceptors.length, where);
        assert.ok(loadModel(name).operation(model.operation), where);
        assert.ok(model.delay > 0 && model.maxAttempts > 0, where);
        for (const { matcher, argument } of model.acceptors) {
          assert.equal(argument !== undefined, matcher.startsWith("path"), where);
        }
        count += 1;
      }
    }
    assert.ok(count > 350, `${count} waiters`);
  });
});
