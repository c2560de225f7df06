import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadModel } from "../model/load-model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { serviceWaiters } from "./service-waiters.ts";

describe("serviceWaiters()", () => {
  test("has a waiter for each of the model's, by its name", async () => {
    const calls: unknown[] = [];
    const answers: Output[] = [
      { Table: { TableStatus: "CREATING" } },
      { Table: { TableStatus: "ACTIVE" } },
    ];
    const call = async (operation: string, input: Input): Promise<Output> => {
      calls.push([operation, input]);
      return answers.shift() ?? assert.fail();
    };
    const { tableExists } = serviceWaiters(() => loadModel("dynamodb"), call);
    const result = await tableExists?.({ TableName: "t" }, { delay: 0 });
    assert.equal(result?.attempts, 2);
    assert.deepEqual(calls, [
      ["DescribeTable", { TableName: "t" }],
      ["DescribeTable", { TableName: "t" }],
    ]);
  });

  test("reads no model before a waiter is asked for, and has no other names", () => {
    let reads = 0;
    const model = (): ReturnType<typeof loadModel> => {
      reads += 1;
      return loadModel("s3");
    };
    const waiters = serviceWaiters(model, () => assert.fail());
    assert.equal(reads, 0);
    assert.equal(waiters["BucketExists"], undefined);
    assert.equal(waiters["constructor"], undefined);
    assert.equal("bucketExists" in waiters, true);
    assert.equal("then" in waiters, false);
    assert.equal(waiters["bucketExists"], waiters["bucketExists"]);
  });
});
