import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import { RpcTimeoutError, type RpcReply } from "@lambdad/invoke-amqp";
import { AmqpCaller } from "./amqp-caller.ts";
import type { CallEnd } from "./bench-tally.ts";

type End = readonly [end: CallEnd, status: number | undefined];

const reply: RpcReply = {
  payload: Buffer.from("123"),
  contentType: "application/json",
  functionError: undefined,
  executedVersion: "$LATEST",
  logTail: undefined,
};

/** What a listener hears of one call that ends like this, and the bytes it was told of. */
async function callOnce(
  send: () => Promise<RpcReply>,
): Promise<{ readonly end: End; readonly bytes: number }> {
  const heard = Promise.withResolvers<End>();
  let bytes = 0;
  const caller = new AmqpCaller({
    send,
    onEnd: (end, status, milliseconds) => {
      assert.ok(milliseconds >= 0);
      heard.resolve([end, status]);
    },
    onBytes: (count) => (bytes += count),
  });
  caller.call();
  return { end: await heard.promise, bytes };
}

describe("AmqpCaller", () => {
  test("tells of a reply and its bytes", async () => {
    const { end, bytes } = await callOnce(() => Promise.resolve(reply));
    assert.deepEqual(end, [{ kind: "returned" }, 200]);
    assert.equal(bytes, 3);
  });

  test("tells of a function that failed", async () => {
    const failed = { ...reply, functionError: "Unhandled" };
    const { end } = await callOnce(() => Promise.resolve(failed));
    assert.deepEqual(end, [{ kind: "functionFailed" }, 200]);
  });

  for (const [error, reason, status] of [
    [new HostError("ResourceNotFoundException", ""), "ResourceNotFoundException", 404],
    [new HostError("TooManyRequestsException", ""), "TooManyRequestsException", 429],
    [new HostError("ServiceUnavailable", ""), "ServiceException", undefined],
    [new RpcTimeoutError("f", 1), "TimeoutError", undefined],
  ] as const) {
    test(`tells of a call that failed with ${reason}`, async () => {
      const { end } = await callOnce(() => Promise.reject(error));
      assert.deepEqual(end, [{ kind: "hostFailed", reason }, status]);
    });
  }

  test("forgets its call when it is closed", async () => {
    const answer = Promise.withResolvers<RpcReply>();
    const caller = new AmqpCaller({
      send: () => answer.promise,
      onEnd: () => assert.fail("heard of"),
      onBytes: () => assert.fail("heard of"),
    });
    caller.call();
    caller.close();
    answer.resolve(reply);
    await answer.promise;
  });
});
