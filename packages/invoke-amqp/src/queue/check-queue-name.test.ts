import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AddressError } from "./address-error.ts";
import { checkQueueName } from "./check-queue-name.ts";

describe("checkQueueName()", () => {
  for (const name of ["echo", "a;b/c {}", "AMQ.x", "amq", "x".repeat(255), "é".repeat(127), " "]) {
    test(`takes '${name.slice(0, 20)}' of ${Buffer.byteLength(name)} bytes`, () => {
      checkQueueName(name);
    });
  }

  const mistakes: readonly (readonly [name: string, message: RegExp])[] = [
    ["", /'' as a queue name: it is empty/],
    ["amq.", /'amq\.' as a queue name: names that begin with 'amq\.' are the broker's own/],
    ["amq.topic", /the broker's own/],
    ["x".repeat(256), /it has 256 bytes, the limit is 255/],
    ["é".repeat(128), /it has 256 bytes/],
    ["a\uD800", /not valid Unicode/],
  ];
  for (const [name, message] of mistakes) {
    test(`refuses '${name.slice(0, 20).toWellFormed()}' of ${Buffer.byteLength(name)} bytes`, () => {
      assert.throws(
        () => checkQueueName(name),
        (error: unknown) => error instanceof AddressError && message.test(error.message),
      );
    });
  }
});
