import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { AddressError } from "../queue/address-error.ts";
import type { FunctionQueue } from "../queue/function-queue.ts";
import { checkFunctionQueue } from "./check-function-queue.ts";

const long = (bytes: number): string => "q".repeat(bytes);

describe("checkFunctionQueue()", () => {
  const accepted: readonly (readonly [FunctionQueue, readonly number[] | undefined])[] = [
    [{ name: long(255) }, undefined],
    [{ name: long(242), profile: "durable" }, undefined],
    [{ name: long(244), profile: "quorum" }, []],
    [{ name: "f", profile: "quorum", deadLetterQueue: long(255) }, undefined],
    // Compat has no dead letters, and declares no queue for them.
    [{ name: "f", deadLetterQueue: long(256) }, undefined],
  ];
  for (const [queue, delaysMs] of accepted) {
    const { name, profile, deadLetterQueue = "" } = queue;
    test(`accepts ${name.length} bytes and ${deadLetterQueue.length} for dead letters, ${profile}`, () => {
      checkFunctionQueue(queue, delaysMs);
    });
  }

  const refused: readonly (readonly [FunctionQueue, readonly number[] | undefined, RegExp])[] = [
    [{ name: "" }, undefined, /it is empty/],
    [{ name: "amq.x" }, undefined, /the broker's own/],
    [{ name: long(256) }, undefined, /has 256 bytes, the limit is 255/],
    [
      { name: long(243), profile: "durable" },
      undefined,
      /a durable queue: it has 243 bytes, the limit is 242, .* wait in '….retry.120000'/,
    ],
    [{ name: long(245), profile: "quorum" }, [], /245 bytes, the limit is 244, .*retry\.1000'/],
    [{ name: `é${long(241)}`, profile: "durable" }, undefined, /243 bytes, the limit is 242/],
    [{ name: "f", profile: "quorum", deadLetterQueue: long(256) }, undefined, /256 bytes/],
    [{ name: "f", profile: "quorum", deadLetterQueue: "amq.x" }, undefined, /the broker's own/],
  ];
  for (const [queue, delaysMs, expected] of refused) {
    test(`refuses with ${expected.source} (HO-13)`, () => {
      assert.throws(
        () => checkFunctionQueue(queue, delaysMs),
        (error) => error instanceof AddressError && expected.test(error.message),
      );
    });
  }
});
