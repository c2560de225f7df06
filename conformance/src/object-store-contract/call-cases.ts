import assert from "node:assert/strict";
import { AbortError, AwsClientError, ParamValidationError, ServiceError } from "@lambdad/aws";
import { assertRefused } from "./expectation.ts";
import type { Place, StoreCase } from "./store-case.ts";

const Key = "key";
const pace = { delay: 20, maxWaitTime: 10_000 };

/** A body that never comes. */
function endless(started: () => void): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      yield Buffer.from("begin");
      started();
      await new Promise(() => {});
    },
  };
}

async function assertEmpty({ s3, bucket: Bucket }: Place): Promise<void> {
  assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
}

/** Inputs that do not fit the model. */
const invalid: Readonly<Record<string, { readonly input: object; readonly path: string }>> = {
  "without Bucket": { input: { Key }, path: "Bucket" },
  "without Key": { input: { Bucket: "bucket" }, path: "Key" },
  "with an unknown member": { input: { Bucket: "bucket", Key, Bodyy: "x" }, path: "Bodyy" },
  "with a number for a text": { input: { Bucket: "bucket", Key: 7 }, path: "Key" },
  "with a slash in Bucket": { input: { Bucket: "a/b", Key }, path: "Bucket" },
};

/** Calls as such: what is refused before, errors, abort, close. */
export const callCases: readonly StoreCase[] = [
  ...Object.entries(invalid).map(([what, { input, path }]): StoreCase => ({
    name: `putObject ${what} is a ParamValidationError that names ${path}`,
    async run({ s3 }) {
      await assert.rejects(s3.call("PutObject", input), (error: unknown) => {
        assert.ok(error instanceof ParamValidationError, String(error));
        assert.equal(error.path, path);
        return true;
      });
    },
  })),
  {
    name: "without validation too, a missing Key does not turn DeleteObject into DeleteBucket",
    async run({ session, s3, bucket: Bucket }) {
      const careless = session.client("s3", { validate: false });
      for (const input of [{ Bucket }, { Bucket, Key: "" }]) {
        const call = careless.call("DeleteObject", input);
        await assert.rejects(call, { name: "ParamValidationError" });
      }
      assert.equal((await s3.headBucket({ Bucket })).$metadata.httpStatusCode, 200);
    },
  },
  {
    name: "errors are classes of the service with the caller's line in their stack",
    async run({ s3, session, bucket: Bucket }) {
      const call = s3.getObject({ Bucket, Key: "none" });
      const error = await assertRefused(call, "NoSuchKey", 404);
      assert.ok(error instanceof ServiceError && error instanceof AwsClientError);
      assert.ok(error instanceof s3.errors.NoSuchKey);
      assert.ok(error instanceof session.client("s3").errors.NoSuchKey, "of every client");
      assert.ok(!(error instanceof s3.errors.NoSuchBucket));
      assert.match(error.stack ?? "", /call-cases/);
      assert.equal(typeof error.requestId, "string");
      assert.deepEqual([error.retryable, error.throttling], [false, false]);
    },
  },
  {
    name: "each call has a request id of its own",
    async run({ s3, bucket: Bucket }) {
      const ids = new Set<string | undefined>();
      for (let index = 0; index < 5; index += 1) {
        ids.add((await s3.headBucket({ Bucket })).$metadata.requestId);
      }
      assert.equal(ids.size, 5);
    },
  },
  {
    name: "a signal that is aborted already ends the call before anything is done",
    async run(place) {
      const reason = new Error("changed my mind");
      const signal = AbortSignal.abort(reason);
      const put = place.s3.putObject({ Bucket: place.bucket, Key, Body: "x" }, { signal });
      await assert.rejects(put, (error: unknown) => {
        assert.ok(error instanceof AbortError, String(error));
        assert.equal(error.cause, reason);
        return true;
      });
      await assertEmpty(place);
    },
  },
  {
    name: "a signal ends a call whose body does not come, and nothing is stored",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const controller = new AbortController();
      const Body = endless(() => controller.abort(new Error("enough")));
      const { signal } = controller;
      const put = s3.putObject({ Bucket, Key, Body, ContentLength: 1_000 }, { signal });
      await assert.rejects(put, { name: "AbortError" });
      await assertEmpty(place);
      await s3.putObject({ Bucket, Key, Body: "after" });
      const { Body: got } = await s3.getObject({ Bucket, Key });
      assert.equal(await got?.text(), "after");
    },
  },
  {
    name: "the option timeout ends a call whose body does not come",
    async run(place) {
      const { s3, bucket: Bucket } = place;
      const Body = endless(() => {});
      const put = s3.putObject({ Bucket, Key, Body, ContentLength: 1_000 }, { timeout: 100 });
      await assert.rejects(put, { name: "TimeoutError", limit: "timeout" });
      await assertEmpty(place);
    },
  },
  {
    name: "a call after close is a ClientClosedError; other clients go on",
    async run({ session, s3, bucket: Bucket }) {
      const own = session.client("s3");
      await own.headBucket({ Bucket });
      await own.close();
      await own.close();
      await assert.rejects(own.headBucket({ Bucket }), { name: "ClientClosedError" });
      const never = session.client("s3");
      await never.close();
      await assert.rejects(never.headBucket({ Bucket }), { name: "ClientClosedError" });
      assert.equal((await s3.headBucket({ Bucket })).$metadata.httpStatusCode, 200);
    },
  },
  {
    name: "close waits for the calls in flight",
    async run({ session, s3, bucket: Bucket }) {
      const own = session.client("s3");
      const puts = Array.from({ length: 10 }, (_, index) =>
        own.putObject({ Bucket, Key: `k${index}`, Body: Buffer.alloc(100_000) }),
      );
      await own.close();
      await Promise.all(puts);
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 10);
    },
  },
  {
    name: "destroy ends the calls in flight",
    async run(place) {
      const own = place.session.client("s3");
      const Body = endless(() => own.destroy());
      const put = own.putObject({ Bucket: place.bucket, Key, Body, ContentLength: 1_000 });
      await assert.rejects(put, AwsClientError);
      await assertEmpty(place);
    },
  },
  {
    name: "a signal ends the reading of a body, and the client goes on",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: Buffer.alloc(5_000_000, "x") });
      const controller = new AbortController();
      const { signal } = controller;
      const { Body } = await s3.getObject({ Bucket, Key }, { signal, body: "stream" });
      let pieces = 0;
      const reading = async (): Promise<void> => {
        for await (const piece of Body ?? []) {
          // A store in memory may give all in one.
          if (piece.length === 5_000_000) throw new AbortError("there is no more to read");
          pieces += 1;
          controller.abort(new Error("enough"));
        }
      };
      await assert.rejects(reading(), { name: "AbortError" });
      assert.ok(pieces <= 2, `${pieces} pieces`);
      assert.equal((await s3.headObject({ Bucket, Key })).ContentLength, 5_000_000);
    },
  },
  {
    name: "bodies that are not read, or not to their end, hold up nothing",
    async run({ s3, bucket: Bucket }) {
      await s3.putObject({ Bucket, Key, Body: Buffer.alloc(2_000_000, "x") });
      for (let index = 0; index < 30; index += 1) {
        const { Body } = await s3.getObject({ Bucket, Key }, { body: "stream" });
        if (index % 2 === 0) await Body?.cancel();
        else for await (const piece of Body ?? []) if (piece.length > 0) break;
      }
      await s3.putObject({ Bucket, Key, Body: "small" });
      const { Body } = await s3.getObject({ Bucket, Key });
      assert.equal(await Body?.text(), "small");
    },
  },
  {
    name: "waiters see objects and buckets come and go",
    async run({ s3, bucket: Bucket, newName }) {
      const at = { Bucket, Key };
      const exists = s3.waitUntil.objectExists(at, pace);
      await s3.putObject({ ...at, Body: "x" });
      assert.equal((await exists).state, "success");
      const gone = s3.waitUntil.objectNotExists(at, pace);
      await s3.deleteObject(at);
      assert.equal((await gone).state, "success");
      const name = newName();
      const made = s3.waitUntil.bucketExists({ Bucket: name }, pace);
      await s3.createBucket({ Bucket: name });
      assert.equal((await made).state, "success");
      const left = s3.waitUntil.bucketNotExists({ Bucket: name }, pace);
      await s3.deleteBucket({ Bucket: name });
      assert.equal((await left).state, "success");
    },
  },
];
