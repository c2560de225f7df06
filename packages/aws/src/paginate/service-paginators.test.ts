import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { loadModel } from "../model/load-model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { servicePaginators } from "./service-paginators.ts";

describe("servicePaginators()", () => {
  test("has a paginator for each paged operation, by its method's name", async () => {
    const calls: unknown[] = [];
    const call = async (operation: string, input: Input): Promise<Output> => {
      calls.push([operation, input]);
      if (calls.length > 1) return { Contents: [{ Key: "c" }] };
      return { Contents: [{ Key: "a" }], NextContinuationToken: "t", IsTruncated: true };
    };
    const { listObjectsV2 } = servicePaginators(() => loadModel("s3"), call);
    assert.ok(listObjectsV2);
    const items = await listObjectsV2({ Bucket: "b" }, { pageSize: 1 }).all();
    assert.deepEqual(items, [{ Key: "a" }, { Key: "c" }]);
    assert.deepEqual(calls, [
      ["ListObjectsV2", { Bucket: "b", MaxKeys: 1 }],
      ["ListObjectsV2", { Bucket: "b", MaxKeys: 1, ContinuationToken: "t" }],
    ]);
  });

  test("sends the page size as text where the operation has it as text", async () => {
    const inputs: Input[] = [];
    const call = async (_: string, input: Input): Promise<Output> => {
      inputs.push(input);
      return {};
    };
    const { listHostedZones } = servicePaginators(() => loadModel("route53"), call);
    await listHostedZones?.({}, { pageSize: 7 }).all();
    assert.deepEqual(inputs, [{ MaxItems: "7" }]);
  });

  test("reads no model before a paginator is asked for, and has no other names", () => {
    let reads = 0;
    const model = (): ReturnType<typeof loadModel> => {
      reads += 1;
      return loadModel("s3");
    };
    const paginators = servicePaginators(model, () => assert.fail());
    assert.equal(reads, 0);
    assert.equal(paginators["getObject"], undefined);
    assert.equal(paginators["ListObjectsV2"], undefined);
    assert.equal(paginators["constructor"], undefined);
    assert.equal("listParts" in paginators, true);
    assert.equal("then" in paginators, false);
    assert.equal(paginators["listParts"], paginators["listParts"]);
  });
});
