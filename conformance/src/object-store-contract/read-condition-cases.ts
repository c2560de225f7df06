import assert from "node:assert/strict";
import type { S3Client } from "@lambdad/aws/s3";
import { assertRefused, etagOf } from "./expectation.ts";
import type { StoreCase } from "./store-case.ts";

const ETag = etagOf("body");
const other = etagOf("other");
const hourMs = 3_600_000;

type Get = Parameters<S3Client["getObject"]>[0];
type Conditions = Pick<
  Get,
  "IfMatch" | "IfNoneMatch" | "IfModifiedSince" | "IfUnmodifiedSince" | "Range"
>;

/** What the conditions say of an object with this ETag that was put at this time. */
const reads: Readonly<
  Record<string, { readonly conditions: (put: Date) => Conditions; readonly status: number }>
> = {
  "If-Match of its ETag": { conditions: () => ({ IfMatch: ETag }), status: 200 },
  "If-Match of its ETag without quotes": {
    conditions: () => ({ IfMatch: ETag.slice(1, -1) }),
    status: 200,
  },
  "If-Match of another ETag": { conditions: () => ({ IfMatch: other }), status: 412 },
  "If-Match *": { conditions: () => ({ IfMatch: "*" }), status: 200 },
  "If-None-Match of its ETag": { conditions: () => ({ IfNoneMatch: ETag }), status: 304 },
  "If-None-Match of another ETag": { conditions: () => ({ IfNoneMatch: other }), status: 200 },
  "If-None-Match *": { conditions: () => ({ IfNoneMatch: "*" }), status: 304 },
  "If-Modified-Since an hour before": {
    conditions: (put) => ({ IfModifiedSince: before(put) }),
    status: 200,
  },
  "If-Modified-Since its LastModified": {
    conditions: (put) => ({ IfModifiedSince: put }),
    status: 304,
  },
  "If-Unmodified-Since an hour before": {
    conditions: (put) => ({ IfUnmodifiedSince: before(put) }),
    status: 412,
  },
  "If-Unmodified-Since its LastModified": {
    conditions: (put) => ({ IfUnmodifiedSince: put }),
    status: 200,
  },
  "If-Unmodified-Since an hour later": {
    conditions: (put) => ({ IfUnmodifiedSince: new Date(put.getTime() + hourMs) }),
    status: 200,
  },
  "If-Match that holds beside If-Unmodified-Since that does not": {
    conditions: (put) => ({ IfMatch: ETag, IfUnmodifiedSince: before(put) }),
    status: 200,
  },
  "If-Match that does not hold beside If-Unmodified-Since that does": {
    conditions: (put) => ({ IfMatch: other, IfUnmodifiedSince: put }),
    status: 412,
  },
  "If-None-Match that does not hold beside If-Modified-Since that does": {
    conditions: (put) => ({ IfNoneMatch: ETag, IfModifiedSince: before(put) }),
    status: 304,
  },
  "If-Match and If-None-Match that both hold": {
    conditions: () => ({ IfMatch: ETag, IfNoneMatch: other }),
    status: 200,
  },
  "If-Match that does not hold beside a Range": {
    conditions: () => ({ IfMatch: other, Range: "bytes=0-1" }),
    status: 412,
  },
  "If-Match that holds beside a Range": {
    conditions: () => ({ IfMatch: ETag, Range: "bytes=0-1" }),
    status: 206,
  },
};

function before(date: Date): Date {
  return new Date(date.getTime() - hourMs);
}

/** What the client makes of the status: an answer without a body has no code but that. */
function nameOf(status: number, isHead: boolean): string {
  return status === 412 && !isHead ? "PreconditionFailed" : String(status);
}

/** Conditions on reads. */
export const readConditionCases: readonly StoreCase[] = [
  ...Object.entries(reads).map(([what, { conditions, status }]): StoreCase => ({
    name: `getObject and headObject with ${what}: ${status}`,
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "conditional" };
      await s3.putObject({ ...at, Body: "body" });
      const { LastModified } = await s3.headObject(at);
      assert.ok(LastModified !== undefined);
      const input = { ...at, ...conditions(LastModified) };
      if (status >= 300) {
        await assertRefused(s3.getObject(input), nameOf(status, false), status);
        await assertRefused(s3.headObject(input), nameOf(status, true), status);
        return;
      }
      const got = await s3.getObject(input);
      assert.equal(got.$metadata.httpStatusCode, status);
      assert.equal(await got.Body?.text(), status === 206 ? "bo" : "body");
      assert.equal((await s3.headObject(input)).$metadata.httpStatusCode, status);
    },
  })),
  {
    name: "a condition on a missing key is NoSuchKey",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "none" };
      for (const condition of [{ IfMatch: ETag }, { IfMatch: "*" }, { IfNoneMatch: ETag }]) {
        await assertRefused(s3.getObject({ ...at, ...condition }), "NoSuchKey", 404);
        await assertRefused(s3.headObject({ ...at, ...condition }), "NotFound", 404);
      }
    },
  },
];
