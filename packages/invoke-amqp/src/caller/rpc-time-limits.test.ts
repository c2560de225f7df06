import assert from "node:assert/strict";
import { test } from "node:test";
import { brokerUri } from "@lambdad/testkit";
import { DoorFixture, returned } from "../testdata/broker-fixture.ts";
import { connect } from "./connect.ts";

test("RpcClient refuses a time limit that is no number, and takes any number: no other call is lost", async (t) => {
  const { queue, invoker } = await DoorFixture.start(t);
  const free = Promise.withResolvers<void>();
  invoker.script = async ({ payload }) => {
    await free.promise;
    return returned(payload);
  };
  const rpc = await connect(await brokerUri());
  t.after(() => rpc.close());
  const other = rpc.invoke(queue, "other");
  for (const timeoutMs of [Number.NaN, "5" as unknown as number]) {
    const message = `Cannot call '${queue}': timeoutMs is ${Number.isNaN(timeoutMs) ? "NaN" : "a string"}, not a number`;
    await assert.rejects(rpc.invoke(queue, 1, { timeoutMs }), { name: "TypeError", message });
  }
  const large = [2 ** 31, 2 ** 32, 1e12, Number.MAX_VALUE, Infinity, 0];
  const calls = large.map((timeoutMs) => rpc.invoke(queue, "large", { timeoutMs }));
  free.resolve();
  assert.deepEqual(
    await Promise.all(calls),
    large.map(() => "large"),
  );
  assert.equal(await other, "other");
});
