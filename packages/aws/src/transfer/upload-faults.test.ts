import assert from "node:assert/strict";
import { Readable } from "node:stream";
import { test } from "node:test";
import { AbortError, ConnectionError, ServiceError } from "../client/errors.ts";
import { failureOf } from "../client/client-fixture.test.ts";
import { patterned } from "./download-fixture.test.ts";
import type { TransferProgress } from "./transfer-types.ts";
import { refuse, startUploadServer, type UploadServer } from "./upload-fixture.test.ts";

const partSize = 5 * 1024 * 1024;
const options = { partSize, threshold: partSize, concurrency: 3 };
const bytes = patterned(5 * partSize);
const place = { Bucket: "b", Key: "k" };
type FailedUpload = Error & { readonly uploadId?: string; readonly abortError?: Error };

async function* pieces(length = bytes.length): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += 500_000) {
    yield await Promise.resolve(bytes.subarray(at, Math.min(length, at + 500_000)));
  }
}

/** A stream that gives some bytes and then nothing more, and tells when it is closed. */
function stalled(length: number): { stream: ReadableStream<Uint8Array>; cancelled: Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const stream = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.subarray(0, length)),
    cancel: () => resolve(),
  });
  return { stream, cancelled: promise };
}

/** What must be so after a failure: nothing is left, also where a part that was cut off arrived later. */
function assertCleaned(server: UploadServer): void {
  assert.deepEqual([server.open.size, server.objects.size], [0, 0]);
  assert.ok(server.operations.includes("AbortMultipartUpload"));
}

for (const [kind, body] of [
  ["bytes", () => bytes],
  ["a stream", () => pieces()],
] as const) {
  test(`upload of ${kind} whose part fails ends the others, removes the parts and names the upload (CL-10)`, async () => {
    await using server = await startUploadServer(({ part }, response) =>
      part === 2 ? refuse(response, 403, "AccessDenied") : part > 2 ? true : undefined,
    );
    const error = (await failureOf(
      server.client().upload({ ...place, Body: body() }, options),
    )) as ServiceError;
    assert.ok(error instanceof ServiceError);
    assert.equal(error.name, "AccessDenied");
    assert.equal(error.$operation, "UploadPart");
    assert.equal(error.uploadId, "upload-1");
    assert.equal("abortError" in error, false);
    assertCleaned(server);
  });
}

test("upload whose abort fails too says which upload was left (CL-10)", async () => {
  await using server = await startUploadServer(({ part, operation }, response) => {
    if (operation === "AbortMultipartUpload") return refuse(response, 403, "AccessDenied");
    return part === 1 ? refuse(response, 400, "BadDigest") : undefined;
  });
  const transfer = server.client().upload({ ...place, Body: bytes }, options);
  const error = (await failureOf(transfer)) as FailedUpload;
  assert.equal(error.name, "BadDigest");
  assert.equal(error.uploadId, "upload-1");
  assert.equal(error.abortError?.name, "AccessDenied");
  assert.deepEqual([...server.open], ["upload-1"]);
});

test("upload.leavePartsOnError leaves them, and names the upload", async () => {
  await using server = await startUploadServer(({ part }, response) =>
    part === 2 ? refuse(response, 403, "AccessDenied") : undefined,
  );
  const left = { ...options, leavePartsOnError: true };
  const error = await failureOf(server.client().upload({ ...place, Body: bytes }, left));
  assert.equal((error as FailedUpload).uploadId, "upload-1");
  assert.deepEqual([...server.open], ["upload-1"]);
  assert.ok(!server.operations.includes("AbortMultipartUpload"));
});

test("upload of an upload that somebody else removed needs no removal", async () => {
  await using server = await startUploadServer(({ part, query }, response) => {
    if (part === 2) server.open.delete(query.get("uploadId") ?? "");
    return part === 2 ? refuse(response, 404, "NoSuchUpload") : undefined;
  });
  const error = await failureOf(server.client().upload({ ...place, Body: bytes }, options));
  assert.equal((error as FailedUpload).name, "NoSuchUpload");
  assert.equal("abortError" in (error as FailedUpload), false);
});

for (const length of [0, partSize - 1, 2 * partSize + 5]) {
  test(`upload of a source that fails after ${length} bytes gives its error`, async () => {
    await using server = await startUploadServer();
    const failure = new Error("the source failed");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* pieces(length);
      throw failure;
    }
    const Body = Readable.from(failing());
    const error = await failureOf(server.client().upload({ ...place, Body }, options));
    assert.equal(error, failure);
    assert.equal((failure as FailedUpload).uploadId, length > partSize ? "upload-1" : undefined);
    assert.ok(Body.destroyed);
    if (length > partSize) assertCleaned(server);
    else assert.deepEqual(server.operations, []);
  });
}

test("upload of a source that throws what is no error gives one", async () => {
  await using server = await startUploadServer();
  const Body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(bytes.subarray(0, partSize + 1)),
    pull: (controller) => controller.error("words"),
  });
  const error = await failureOf(server.client().upload({ ...place, Body }, options));
  assert.ok(error instanceof Error);
  assert.deepEqual([error.message, error.cause], ["words", "words"]);
  assert.equal((error as FailedUpload).uploadId, "upload-1");
});

for (const length of [1, 3 * partSize]) {
  test(`upload.abort ends an upload whose source stands still after ${length} bytes, and closes it`, async () => {
    await using server = await startUploadServer();
    const { stream, cancelled } = stalled(length);
    const transfer = server.client().upload({ ...place, Body: stream }, options);
    const failed = failureOf(transfer);
    if (length > partSize) await server.arrived("UploadPart", 3);
    else await new Promise((resolve) => setTimeout(resolve, 20));
    transfer.abort("enough");
    await cancelled;
    const error = await failed;
    assert.ok(error instanceof AbortError);
    assert.equal(error.cause, "enough");
    if (length > partSize) assertCleaned(server);
    else assert.deepEqual(server.operations, []);
  });
}

test("upload whose part is answered without an ETag fails (CL-10)", async () => {
  await using server = await startUploadServer(({ part }, response) => {
    if (part !== 2) return undefined;
    response.end();
    return true;
  });
  const body = Buffer.alloc(3 * partSize);
  const error = await failureOf(server.client().upload({ ...place, Body: body }, options));
  assert.match(String(error), /the answer to part 2 has no ETag/);
  assertCleaned(server);
});

test("upload.abort ends an upload whose source aborts it and then never answers", async () => {
  await using server = await startUploadServer();
  const source = new ReadableStream<Uint8Array>(
    {
      pull() {
        transfer.abort("enough");
        return new Promise(() => {});
      },
    },
    { highWaterMark: 0 },
  );
  const transfer = server.client().upload({ ...place, Body: source }, options);
  assert.equal(((await failureOf(transfer)) as AbortError).cause, "enough");
  assert.deepEqual(server.operations, []);
});

test("upload.abort and signals end parts that wait for their answer", async () => {
  for (const how of ["abort", "signal", "dispose"] as const) {
    await using server = await startUploadServer(({ operation }) => operation === "UploadPart");
    const controller = new AbortController();
    const transfer = server
      .client()
      .upload({ ...place, Body: bytes }, { ...options, signal: controller.signal });
    const failed = failureOf(transfer);
    await server.arrived("UploadPart", 3);
    if (how === "abort") transfer.abort("enough");
    else if (how === "signal") controller.abort("enough");
    else await transfer[Symbol.asyncDispose]();
    const error = await failed;
    assert.ok(error instanceof AbortError);
    assert.equal(error.uploadId, "upload-1");
    if (how !== "dispose") assert.equal(error.cause, "enough");
    assertCleaned(server);
  }
});

test("upload that gives up parts which were sent asks whether they came after all, and removes them again (CL-10)", async () => {
  let removals = 0;
  await using server = await startUploadServer(({ operation }, response) => {
    if (operation === "AbortMultipartUpload" && removals++ === 0) {
      response.writeHead(204).end();
      return true;
    }
    return operation === "UploadPart";
  });
  const transfer = server.client().upload({ ...place, Body: bytes }, options);
  await server.arrived("UploadPart", 3);
  await transfer[Symbol.asyncDispose]();
  const rest = server.operations.slice(server.operations.indexOf("AbortMultipartUpload"));
  assert.deepEqual(rest, [
    "AbortMultipartUpload",
    "ListParts",
    "AbortMultipartUpload",
    "ListParts",
  ]);
  assert.equal(server.open.size, 0);
});

test("upload that ends lets a part that was sent have its answer before it is removed", async () => {
  const order: string[] = [];
  await using server = await startUploadServer(async ({ operation }) => {
    if (operation === "UploadPart") {
      transfer.abort("enough");
      await new Promise((resolve) => setTimeout(resolve, 30));
      order.push("answered");
    }
    if (operation === "AbortMultipartUpload") order.push("removed");
    return undefined;
  });
  const one = { ...options, concurrency: 1, queueBytes: partSize };
  const transfer = server.client().upload({ ...place, Body: bytes }, one);
  assert.ok((await failureOf(transfer)) instanceof AbortError);
  assert.deepEqual(order, ["answered", "removed"]);
});

test("upload whose signal is aborted already sends nothing and closes its source", async () => {
  await using server = await startUploadServer();
  const { stream, cancelled } = stalled(1);
  const signal = AbortSignal.abort("before");
  const transfer = server.client().upload({ ...place, Body: stream }, { ...options, signal });
  assert.ok((await failureOf(transfer)) instanceof AbortError);
  await cancelled;
  assert.deepEqual(server.operations, []);
});

test("upload aborted while it begins waits for its id, so that it can be removed", async () => {
  await using server = await startUploadServer(async ({ operation }) => {
    if (operation === "CreateMultipartUpload") {
      transfer.abort("enough");
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return undefined;
  });
  const transfer = server.client().upload({ ...place, Body: bytes }, options);
  assert.equal(((await failureOf(transfer)) as FailedUpload).uploadId, "upload-1");
  assertCleaned(server);
});

test("upload repeats a part that fails on the way, and takes its progress back", async () => {
  const tries = new Map<number, number>();
  await using server = await startUploadServer(({ operation, part }, response) => {
    if (operation !== "UploadPart") return undefined;
    const count = (tries.get(part) ?? 0) + 1;
    tries.set(part, count);
    if (count > 1 || part % 2 === 0) return undefined;
    if (part === 1) return refuse(response, 503, "SlowDown");
    response.socket?.destroy();
    return true;
  });
  const seen: TransferProgress[] = [];
  await server
    .client()
    .upload({ ...place, Body: pieces() }, { ...options, onProgress: (one) => void seen.push(one) });
  assert.ok(server.objects.get("k")?.bytes.equals(bytes));
  const counts = [1, 2, 3, 4, 5].map((part) => tries.get(part));
  assert.deepEqual(counts, [2, 1, 2, 1, 2]);
  assert.equal(seen.at(-1)?.loaded, bytes.length);
  const falls = seen.filter(({ loaded }, at) => loaded < (seen[at - 1]?.loaded ?? 0));
  assert.deepEqual(
    falls.map(({ part = 0 }) => part).sort((a, b) => a - b),
    [1, 3, 5],
  );
});

for (const [what, conditions] of [
  ["", {}],
  [", with a condition", { IfNoneMatch: "*" }],
] as const) {
  test(`upload whose last answer was lost looks for the object (CL-15)${what}`, async () => {
    let completions = 0;
    await using server = await startUploadServer(({ operation }, response, answer) => {
      if (operation !== "CompleteMultipartUpload" || completions++ > 0) return undefined;
      response.end = () => response.destroy();
      answer();
      return true;
    });
    const output = await server.client().upload({ ...place, ...conditions, Body: bytes }, options);
    assert.equal(output.ETag, server.objects.get("k")?.etag);
    assert.equal(output.Key, "k");
    assert.deepEqual(server.operations.slice(-3), [
      "CompleteMultipartUpload",
      "CompleteMultipartUpload",
      "HeadObject",
    ]);
  });
}

test("upload whose last answer was lost, and whose object is another, fails", async () => {
  await using server = await startUploadServer(({ operation, query }, response) => {
    if (operation !== "CompleteMultipartUpload") return undefined;
    server.open.delete(query.get("uploadId") ?? "");
    server.objects.set("k", { bytes: Buffer.from("other"), etag: '"other"' });
    response.destroy();
    return true;
  });
  const call = server.client({ maxAttempts: 2 }).upload({ ...place, Body: bytes }, options);
  const error = await failureOf(call);
  assert.ok(error instanceof ConnectionError || error instanceof ServiceError);
  assert.equal((error as FailedUpload).uploadId, "upload-1");
});

test("upload that does not meet its condition is removed, and gives the service's error", async () => {
  await using server = await startUploadServer(({ operation }, response) =>
    operation === "CompleteMultipartUpload"
      ? refuse(response, 412, "PreconditionFailed")
      : undefined,
  );
  const params = { ...place, IfNoneMatch: "*", Body: bytes };
  const error = await failureOf(server.client().upload(params, options));
  assert.equal((error as Error).name, "PreconditionFailed");
  assertCleaned(server);
});

test("upload with bad options or a bad body closes the source", async () => {
  await using server = await startUploadServer();
  const { stream, cancelled } = stalled(1);
  const params = { ...place, Body: stream };
  await assert.rejects(async () => server.client().upload(params, { partSize: 1 }), RangeError);
  await cancelled;
  const odd = { ...place, Body: 7 as never };
  await assert.rejects(
    async () => server.client().upload(odd),
    /Cannot send a body of type number/,
  );
});
