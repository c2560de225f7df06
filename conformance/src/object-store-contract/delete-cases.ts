import assert from "node:assert/strict";
import { assertOutput, assertRefused } from "./expectation.ts";
import { keysOf, put } from "./listing.ts";
import type { StoreCase } from "./store-case.ts";

/** DeleteObjects: several at once, each with its own result. */
export const deleteCases: readonly StoreCase[] = [
  ...[undefined, false].map((Quiet): StoreCase => ({
    name: `deleteObjects with Quiet ${Quiet} reports each key, missing ones too`,
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a", "b", "c"]);
      const Objects = [{ Key: "a" }, { Key: "none" }, { Key: "c" }];
      const output = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet } });
      const Deleted = [...(output.Deleted ?? [])].toSorted((x, y) =>
        (x.Key ?? "") < (y.Key ?? "") ? -1 : 1,
      );
      const inOrder = { ...output, Deleted };
      assertOutput(inOrder, { Deleted: [{ Key: "a" }, { Key: "c" }, { Key: "none" }] });
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["b"]);
    },
  })),
  {
    name: "deleteObjects with Quiet true reports errors alone",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a", "b"]);
      const Objects = [{ Key: "a" }, { Key: "none" }];
      assertOutput(await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } }), {});
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["b"]);
    },
  },
  {
    name: "deleteObjects takes 1,000 keys, with names that XML and URLs have to escape",
    async run({ s3, bucket: Bucket }) {
      const names = ["<&>\"'", "ü 💡", "a\tb", "%2F", "x\u0085y", "a+b=c"];
      await put(s3, Bucket, [...names, "stays"]);
      const fill = Array.from({ length: 1_000 - names.length }, (_, index) => `none-${index}`);
      const Objects = [...names, ...fill].map((Key) => ({ Key }));
      const { Deleted = [], Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      assert.equal(Errors, undefined);
      assert.deepEqual(new Set(Deleted.map(({ Key }) => Key)), new Set([...names, ...fill]));
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["stays"]);
    },
  },
  {
    name: "deleteObjects of more than 1,000 keys is MalformedXML, and deletes none",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["k0"]);
      const Objects = Array.from({ length: 1_001 }, (_, index) => ({ Key: `k${index}` }));
      const call = s3.deleteObjects({ Bucket, Delete: { Objects } });
      await assertRefused(call, "MalformedXML", 400);
      assert.deepEqual(keysOf(await s3.listObjectsV2({ Bucket })), ["k0"]);
    },
  },
  {
    name: "deleteObjects of no keys is MalformedXML",
    async run({ s3, bucket: Bucket }) {
      const call = s3.deleteObjects({ Bucket, Delete: { Objects: [] } });
      await assertRefused(call, "MalformedXML", 400);
    },
  },
  {
    name: "deleteObjects with a key twice deletes it, without an error",
    async run({ s3, bucket: Bucket }) {
      await put(s3, Bucket, ["a", "b"]);
      const Objects = [{ Key: "a" }, { Key: "b" }, { Key: "a" }];
      const { Deleted = [], Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects } });
      assert.equal(Errors, undefined);
      assert.deepEqual(new Set(Deleted.map(({ Key }) => Key)), new Set(["a", "b"]));
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
];
