import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import {
  AbortError,
  ClientClosedError,
  ConfigurationError,
  ParamValidationError,
  ServiceError,
  Session,
  TimeoutError,
} from "../index.ts";

const bucket = { Bucket: "notes" };

async function open(): Promise<ReturnType<typeof client>> {
  const s3 = client();
  await s3.createBucket(bucket);
  return s3;
}

function client(endpoint = "memory:") {
  return new Session().client("s3", { endpoint });
}

/** A stream that gives one piece and then nothing, for ever. */
function silent(): Readable {
  const stream = new Readable({ read: () => undefined });
  stream.push("a");
  return stream;
}

describe("a call on a store", () => {
  test("needs neither region nor credentials", async () => {
    const s3 = new Session({ environment: {} }).client("s3", { endpoint: "memory:" });
    assert.deepEqual((await s3.listBuckets()).Buckets, []);
  });

  test("has metadata: a status, an id of its own, one attempt", async () => {
    const s3 = await open();
    const first = await s3.putObject({ ...bucket, Key: "k", Body: "text" });
    const { $metadata } = await s3.deleteObject({ ...bucket, Key: "k" });
    assert.equal(first.$metadata.httpStatusCode, 200);
    assert.equal($metadata.httpStatusCode, 204);
    assert.deepEqual([$metadata.attempts, $metadata.totalRetryDelay], [1, 0]);
    assert.match($metadata.requestId ?? "", /^[0-9A-Z]{16}$/);
    assert.notEqual($metadata.requestId, first.$metadata.requestId);
  });

  test("refuses an input that the model does not have", async () => {
    const s3 = await open();
    await assert.rejects(s3.call("GetObject", { ...bucket, Keys: "k" }), ParamValidationError);
    await assert.rejects(s3.call("GetObject", { ...bucket, Key: "" }), ParamValidationError);
  });

  test("refuses an operation that S3 does not have with the nearest name", async () => {
    await assert.rejects((await open()).call("getObjekt", bucket), /did you mean "getObject"/);
  });

  test("refuses what stores cannot do: NotImplemented, with its name", async () => {
    const s3 = await open();
    const refusal = { name: "NotImplemented", statusCode: 501, $fault: "server" };
    await assert.rejects(s3.getBucketAcl(bucket), { ...refusal, message: /GetBucketAcl/ });
    await assert.rejects(s3.presign.getObject({ ...bucket, Key: "k" }), refusal);
    const key = Buffer.alloc(32).toString("base64");
    const secret = { SSECustomerAlgorithm: "AES256", SSECustomerKey: key };
    await assert.rejects(s3.putObject({ ...bucket, Key: "k", ...secret }), refusal);
  });

  test("leads with the stack of its error to the line of the caller", async () => {
    const s3 = await open();
    const error = await s3.getObject({ ...bucket, Key: "k" }).catch((caught: Error) => caught);
    assert.match((error as Error).stack ?? "", /store-call\.test\.ts/);
  });

  test("ends with an AbortError by its signal, and closes the body that it reads", async () => {
    const s3 = await open();
    const controller = new AbortController();
    const Body = silent();
    const put = s3.putObject(
      { ...bucket, Key: "k", Body, ContentLength: 9 },
      { signal: controller.signal },
    );
    controller.abort(new Error("enough"));
    await assert.rejects(put, AbortError);
    assert.equal(Body.destroyed, true);
    assert.equal(getEventListeners(controller.signal, "abort").length, 0);
    await assert.rejects(s3.getObject({ ...bucket, Key: "k" }), { name: "NoSuchKey" });
    const aborted = s3.listObjectsV2(bucket, { signal: AbortSignal.abort() });
    await assert.rejects(aborted, AbortError);
  });

  test("ends with a TimeoutError after its timeout", async () => {
    const s3 = await open();
    const put = s3.putObject(
      { ...bucket, Key: "k", Body: silent(), ContentLength: 9 },
      { timeout: 20 },
    );
    await assert.rejects(
      put,
      (error) => error instanceof TimeoutError && error.limit === "timeout",
    );
  });

  test("lets timers have their turn in a loop of calls that never wait", async () => {
    const s3 = await open();
    await s3.putObject({ ...bucket, Key: "k", Body: "text" });
    const timer = { isDone: false };
    setTimeout(() => (timer.isDone = true), 1);
    // Without a turn of the event loop the timer never comes, and the loop ends at its bound.
    let calls = 0;
    for (; calls < 1_000_000 && !timer.isDone; calls++) {
      await s3.headObject({ ...bucket, Key: "k" });
    }
    assert.ok(calls < 1_000_000);
  });

  test("does not keep the bytes of the caller, and does not give its own", async () => {
    const s3 = await open();
    const bytes = Buffer.from("before");
    await s3.putObject({ ...bucket, Key: "k", Body: bytes });
    bytes.fill("x");
    const read = await (await s3.getObject({ ...bucket, Key: "k" })).Body?.bytes();
    read?.fill("y");
    const again = await (await s3.getObject({ ...bucket, Key: "k" })).Body?.text();
    assert.equal(again, "before");
  });
});

describe("a client of a store", () => {
  test("tells its listeners of requests, responses and errors", async () => {
    const s3 = await open();
    const seen: string[] = [];
    s3.on("request", ({ method, url }) => seen.push(`${method} ${url}`));
    s3.on("response", ({ operation }) => seen.push(operation));
    s3.on("error", ({ error }) => seen.push(error.name));
    await s3.putObject({ ...bucket, Key: "k" });
    await s3.getObject({ ...bucket, Key: "none" }).catch(() => undefined);
    const expected = ["PUT memory:/notes/k", "PutObject", "GET memory:/notes/none", "NoSuchKey"];
    assert.deepEqual(seen, expected);
  });

  test("closes after its calls, and takes none after that", async () => {
    const s3 = await open();
    const put = s3.putObject({
      ...bucket,
      Key: "k",
      Body: Readable.from(["a", "b"]),
      ContentLength: 2,
    });
    await s3.close();
    assert.equal((await put).$metadata.httpStatusCode, 200);
    await assert.rejects(s3.listBuckets(), ClientClosedError);
  });

  test("ends its calls when it is destroyed", async () => {
    const s3 = await open();
    const put = s3.putObject({ ...bucket, Key: "k", Body: silent(), ContentLength: 9 });
    s3.destroy(new Error("no more"));
    await assert.rejects(put, ClientClosedError);
  });

  test("says where it is", async () => {
    assert.equal(await client("memory:").meta.endpoint(), "memory:");
  });

  test("shares a store with those of its session, and a named one with the process", async () => {
    const session = new Session({ endpoint: "memory:" });
    await session.client("s3").createBucket(bucket);
    assert.equal((await session.client("s3").listBuckets()).Buckets?.length, 1);
    assert.equal(
      (await new Session({ endpoint: "memory:" }).client("s3").listBuckets()).Buckets?.length,
      0,
    );
    await client("memory:store-call-test").createBucket(bucket);
    const others = await client("memory:store-call-test").listBuckets();
    assert.equal(others.Buckets?.length, 1);
    await assert.rejects(client("memory:store-call-test?ttl=5").listBuckets(), ConfigurationError);
  });

  test("is refused for other services, and for options that the store does not have", async () => {
    const dynamodb = new Session({ region: "eu-west-1" }).client("dynamodb", {
      endpoint: "memory:",
    });
    await assert.rejects(dynamodb.listTables(), /for S3/);
    await assert.rejects(client("memory:?size=5").listBuckets(), /no option "size".*ttl/);
    await assert.rejects(client("memory:?ttl=0").listBuckets(), /more than 0/);
  });
});

describe("a store in memory", () => {
  test("forgets the least recently used beyond maxBytes", async () => {
    const s3 = client("memory:?maxBytes=250");
    await s3.createBucket(bucket);
    for (const Key of ["a", "b"]) await s3.putObject({ ...bucket, Key, Body: Buffer.alloc(100) });
    await s3.getObject({ ...bucket, Key: "a" });
    await s3.putObject({ ...bucket, Key: "c", Body: Buffer.alloc(100) });
    const { Contents } = await s3.listObjectsV2(bucket);
    assert.deepEqual(
      Contents?.map(({ Key }) => Key),
      ["a", "c"],
    );
  });

  test("forgets what is older than ttl", async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: 1_000_000 });
    const s3 = client("memory:?ttl=60");
    await s3.createBucket(bucket);
    await s3.putObject({ ...bucket, Key: "a" });
    t.mock.timers.tick(59_000);
    await s3.putObject({ ...bucket, Key: "b" });
    assert.equal((await s3.listObjectsV2(bucket)).KeyCount, 2);
    t.mock.timers.tick(2000);
    assert.equal((await s3.listObjectsV2(bucket)).KeyCount, 1);
    await assert.rejects(s3.getObject({ ...bucket, Key: "a" }), ServiceError);
    t.mock.timers.tick(60_000);
    assert.equal((await s3.deleteBucket(bucket)).$metadata.httpStatusCode, 204);
  });
});
