import assert from "node:assert/strict";
import { assertRefused } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const headers = {
  CacheControl: "max-age=60, must-revalidate",
  ContentDisposition: "attachment; filename=\"a b.txt\"; filename*=UTF-8''%C3%BC",
  ContentEncoding: "gzip",
  ContentLanguage: "de, en",
  ContentType: "text/plain; charset=utf-8",
};

const overrides = {
  ResponseCacheControl: "no-store",
  ResponseContentDisposition: "inline",
  ResponseContentEncoding: "identity",
  ResponseContentLanguage: "fr",
  ResponseContentType: "application/json",
} as const;

/** Headers and user metadata of objects. */
export const metadataCases: readonly StoreCase[] = [
  {
    name: "content headers come back from getObject and headObject",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "headers" };
      await s3.putObject({ ...at, Body: "x", ...headers });
      for (const output of [await s3.getObject(at), await s3.headObject(at)]) {
        for (const [name, value] of Object.entries(headers)) {
          assert.equal(output[name as keyof typeof headers], value, name);
        }
      }
    },
  },
  {
    name: "Expires comes back as a Date, and as ExpiresString",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "expires" };
      const Expires = new Date("2031-05-06T07:08:09.000Z");
      await s3.putObject({ ...at, Body: "x", Expires });
      for (const output of [await s3.getObject(at), await s3.headObject(at)]) {
        assert.deepEqual(output.Expires, Expires);
        assert.equal(output.ExpiresString, "Tue, 06 May 2031 07:08:09 GMT");
      }
    },
  },
  {
    name: "headers that were not given are not there",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "bare" };
      await s3.putObject({ ...at, Body: "x" });
      for (const output of [await s3.getObject(at), await s3.headObject(at)]) {
        for (const name of Object.keys(headers)) {
          if (name === "ContentType") continue;
          assert.ok(!(name in output) || output[name as keyof typeof headers] === undefined, name);
        }
        assert.equal(output.Expires, undefined);
        assert.equal(output.TagCount, undefined);
        assert.equal(output.ContentRange, undefined);
        assert.equal(output.PartsCount, undefined);
      }
    },
  },
  {
    name: "user metadata comes back with names in lower case",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "metadata" };
      const Metadata = {
        Upper: "Kept As It Is",
        "with-hyphen": "a=b; c, d",
        under_score: "%2F %20",
        dotted: "a.b.c",
      };
      await s3.putObject({ ...at, Body: "x", Metadata });
      const expected = {
        upper: "Kept As It Is",
        "with-hyphen": "a=b; c, d",
        under_score: "%2F %20",
        dotted: "a.b.c",
      };
      assert.deepEqual((await s3.headObject(at)).Metadata, expected);
      assert.deepEqual((await s3.getObject(at)).Metadata, expected);
    },
  },
  ...["__proto__", "constructor", "tostring"].map((name): StoreCase => ({
    name: `user metadata may be called ${name}`,
    async run({ s3, bucket: Bucket }) {
      const Metadata = Object.fromEntries([[name, "value"]]);
      await s3.putObject({ Bucket, Key: "proto", Body: "x", Metadata });
      const { Metadata: got = {} } = await s3.headObject({ Bucket, Key: "proto" });
      assert.deepEqual(Object.entries(got), [[name, "value"]]);
      assert.equal(({} as Record<string, unknown>)["value"], undefined);
    },
  })),
  {
    name: "user metadata of another language is refused with advice",
    async run({ s3, bucket: Bucket }) {
      const put = s3.putObject({ Bucket, Key: "x", Body: "x", Metadata: { name: "ü" } });
      await assert.rejects(put, { name: "ParamValidationError", path: /Metadata/ });
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "user metadata of more than 2 KB is MetadataTooLarge, up to that it is kept",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "much" };
      const Metadata = { a: "x".repeat(2_000) };
      await s3.putObject({ ...at, Body: "x", Metadata });
      assert.deepEqual((await s3.headObject(at)).Metadata, Metadata);
      const more = s3.putObject({ ...at, Body: "y", Metadata: { a: "x".repeat(2_100) } });
      await assertRefused(more, "MetadataTooLarge", 400);
      const { Body } = await s3.getObject(at);
      assert.equal(await Body?.text(), "x");
    },
  },
  {
    name: "getObject shows the headers that the caller wants to see",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "overridden" };
      await s3.putObject({ ...at, Body: "x", ...headers });
      const ResponseExpires = new Date("2032-01-02T03:04:05.000Z");
      const got = await s3.getObject({ ...at, ...overrides, ResponseExpires });
      for (const [name, value] of Object.entries(overrides)) {
        assert.equal(got[name.slice("Response".length) as keyof typeof headers], value, name);
      }
      assert.deepEqual(got.Expires, ResponseExpires);
      const plain = await s3.getObject(at);
      assert.equal(plain.ContentType, headers.ContentType, "the object is as it was");
    },
  },
];
