import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { answers, failureOf, quiet } from "./client-fixture.test.ts";
import type { CallOptions } from "./options.ts";
import { Session } from "./session.ts";

/** Options of a call that cannot be used, each with what the error says of it. */
const refused: readonly (readonly [name: keyof CallOptions, value: unknown, says: RegExp])[] = [
  ["signal", 5, /"5".*AbortSignal/],
  ["signal", {}, /of type object.*AbortSignal/],
  ["abortSignal", null, /null.*AbortSignal/],
  ["timeout", 0, /"0".*milliseconds, more than 0/],
  ["timeout", "x", /"x".*milliseconds/],
  ["attemptTimeout", 0, /"0".*milliseconds, more than 0/],
  ["attemptTimeout", "5000", /"5000".*milliseconds/],
  ["attemptTimeout", Number.NaN, /"NaN".*milliseconds/],
  ["maxAttempts", 0, /"0".*whole number/],
  ["maxAttempts", 1.5, /"1.5".*whole number/],
  ["maxAttempts", "3", /"3".*whole number/],
  ["headers", new Headers({ a: "b" }), /Object\.fromEntries/],
  ["headers", new Map([["a", "b"]]), /Object\.fromEntries/],
  ["headers", [["a", "b"]], /Object\.fromEntries/],
  ["headers", "a: b", /no object; give one with text/],
  ["headers", { "x-a": 5 }, /"x-a".*text/],
  ["body", "none", /"none".*"auto", "buffer" or "stream"/],
  ["region", 5, /"5".*text/],
  ["credentials", null, /null/],
  ["credentials", true, /boolean/],
];

describe("checkCallOptions()", { timeout: 30_000 }, () => {
  for (const [name, value, says] of refused) {
    it(`refuses ${name}: ${JSON.stringify(value)}`, async () => {
      let sent = 0;
      const transport = answers(() => sent++);
      await using client = new Session({ ...quiet, transport }).client("dynamodb");
      for (const turn of ["first", "second"]) {
        const error = await failureOf(client.listTables({}, { [name]: value }));
        assert.ok(error instanceof TypeError || error instanceof RangeError, turn);
        assert.match(error.message, new RegExp(`^Cannot .*${name}`));
        assert.match(error.message, says);
      }
      assert.equal(sent, 0);
    });
  }

  it("takes options that are undefined for absent ones", async () => {
    await using client = new Session({ ...quiet, transport: answers() }).client("dynamodb");
    const names = [...new Set(refused.map(([name]) => name))];
    const options = Object.fromEntries(names.map((name) => [name, undefined])) as CallOptions;
    const headers = { "x-a": undefined } as unknown as Record<string, string>;
    await client.listTables({}, { ...options, headers });
  });
});
