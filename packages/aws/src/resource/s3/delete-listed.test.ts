import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as turn } from "node:timers/promises";
import { DeleteObjectsError } from "./delete-objects-error.ts";
import {
  serviceError,
  type StubAnswer,
  type StubCall,
  stubS3,
} from "./stub-client-fixture.test.ts";

interface Key {
  readonly Key: string;
  readonly VersionId?: string;
}

function keysOf({ input }: StubCall): Key[] {
  return (input["Delete"] as { Objects: Key[] }).Objects;
}

/** A bucket: lists what is left in it, deletes, and refuses keys that begin with "locked". */
function bucketOf(
  keys: Iterable<string>,
  more: StubAnswer = () => undefined,
): { answer: StubAnswer; left: Set<string> } {
  const left = new Set(keys);
  const answer: StubAnswer = async (call, index) => {
    const special = await more(call, index);
    if (special !== undefined) return special;
    const { operation, input } = call;
    if (operation === "ListObjectsV2") {
      const { ContinuationToken: after = "", MaxKeys = 1_000 } = input as Record<string, never>;
      const found = [...left].filter((key) => key > after).toSorted();
      const page = found.slice(0, MaxKeys);
      return {
        Contents: page.map((Key) => ({ Key })),
        IsTruncated: page.length < found.length,
        ...(page.length < found.length && { NextContinuationToken: page.at(-1) }),
      };
    }
    if (operation === "DeleteObject") {
      left.delete(input["Key"] as string);
      return {};
    }
    const locked = keysOf(call).filter(({ Key }) => Key.startsWith("locked"));
    const free = keysOf(call).filter(({ Key }) => !Key.startsWith("locked"));
    for (const { Key } of free) left.delete(Key);
    const Errors = locked.map((key) => ({ ...key, Code: "AccessDenied", Message: "It is locked" }));
    return { Deleted: free, ...(Errors.length > 0 && { Errors }) };
  };
  return { answer, left };
}

function numbered(count: number, prefix = "key"): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix} ${String(index).padStart(5, "0")}`);
}

test("delete sends DeleteObjects for each page, and returns the outputs in the order of the pages", async () => {
  const { answer, left } = bucketOf(numbered(2_500));
  const { s3, calls } = stubS3(answer);
  const outputs = await s3.Bucket("b").objects.all().delete({ BypassGovernanceRetention: true });
  assert.equal(left.size, 0);
  assert.deepEqual(
    outputs.map(({ Deleted = [] }) => [Deleted.length, Deleted[0]?.Key]),
    [
      [1_000, "key 00000"],
      [1_000, "key 01000"],
      [500, "key 02000"],
    ],
  );
  const request = calls.find(({ operation }) => operation === "DeleteObjects");
  assert.deepEqual(
    [request?.input["Bucket"], request?.input["BypassGovernanceRetention"]],
    ["b", true],
  );
});

test("delete sends nothing for a collection without items", async () => {
  const { s3, calls } = stubS3(() => ({}));
  assert.deepEqual(await s3.Bucket("b").objects.delete(), []);
  assert.deepEqual(
    calls.map(({ operation }) => operation),
    ["ListObjectsV2"],
  );
});

test("a page larger than DeleteObjects takes is deleted by several", async () => {
  const { s3, calls } = stubS3(({ operation }) =>
    operation === "ListObjectsV2"
      ? { Contents: numbered(2_300).map((Key) => ({ Key })) }
      : { Deleted: [] },
  );
  await s3.Bucket("b").objects.delete();
  const sizes = calls.slice(1).map((call) => keysOf(call).length);
  assert.deepEqual(sizes, [1_000, 1_000, 300]);
});

test("limit and filter say what is deleted, and versions go by their ids", async () => {
  const { s3, calls } = stubS3(({ operation }) =>
    operation === "ListObjectVersions"
      ? {
          Versions: [{ Key: "k", VersionId: "1" }],
          DeleteMarkers: [{ Key: "k", VersionId: "2" }],
        }
      : {},
  );
  await s3
    .Bucket("b")
    .objectVersions.filter({ Prefix: "k" })
    .delete({ Delete: { Quiet: true } });
  assert.deepEqual(calls[1]?.input["Delete"], {
    Quiet: true,
    Objects: [
      { Key: "k", VersionId: "1" },
      { Key: "k", VersionId: "2" },
    ],
  });
});

test("a page is deleted only when the next one is listed: listing never goes on from a key that is gone", async () => {
  let listed = 0;
  let listing = true;
  const { answer, left } = bucketOf(numbered(57), ({ operation, input }) => {
    if (operation === "ListObjectsV2") {
      const after = input["ContinuationToken"];
      if (after !== undefined) assert.ok(left.has(after as string), "the key at the marker");
      listed += 5;
      listing = listed < 57;
    }
    return undefined;
  });
  const { s3 } = stubS3((call, index) => {
    if (call.operation === "DeleteObjects" && listing) {
      const last = Number(keysOf(call).at(-1)?.Key.slice(4)) + 1;
      assert.ok(last < listed, `the keys up to ${last} go when those up to ${listed} are listed`);
    }
    return answer(call, index);
  });
  await s3.Bucket("b").objects.pageSize(5).delete({}, { concurrency: 3 });
  assert.equal(left.size, 0);
});

test("what a server gives again at the beginning of a page is deleted once", async () => {
  const { s3, calls } = stubS3(({ operation, input }) => {
    if (operation !== "ListObjectVersions") return {};
    const ids = input["KeyMarker"] === undefined ? ["1", "2"] : ["2", "3"];
    return {
      Versions: ids.map((VersionId) => ({ Key: "k", VersionId })),
      IsTruncated: input["KeyMarker"] === undefined,
      NextKeyMarker: "k",
      NextVersionIdMarker: "2",
    };
  });
  await s3.Bucket("b").objectVersions.delete();
  assert.deepEqual(
    calls
      .filter(({ operation }) => operation === "DeleteObjects")
      .map((call) => keysOf(call).map(({ VersionId }) => VersionId)),
    [["1", "2"], ["3"]],
  );
});

for (const [concurrency, expected] of [
  [undefined, 4],
  [2, 2],
  [1, 1],
] as const) {
  test(`delete has at most ${expected} requests in flight with concurrency ${concurrency}`, async () => {
    let inFlight = 0;
    let most = 0;
    const { answer, left } = bucketOf(numbered(60), async ({ operation }) => {
      if (operation !== "DeleteObjects") return undefined;
      most = Math.max(most, ++inFlight);
      for (let turns = 0; turns < 20; turns++) await turn();
      inFlight--;
      return undefined;
    });
    const { s3 } = stubS3(answer);
    await s3.Bucket("b").objects.pageSize(3).delete({}, { concurrency });
    assert.equal(most, expected);
    assert.equal(left.size, 0);
  });
}

test("keys that S3 refuses are an error with all of them, after every page was tried", async () => {
  const keys = [...numbered(40), "locked 1", "locked 2", ...numbered(10, "zebra")];
  const { answer, left } = bucketOf(keys);
  const { s3 } = stubS3(answer);
  await assert.rejects(s3.Bucket("b").objects.pageSize(7).delete(), (error: unknown) => {
    assert.ok(error instanceof DeleteObjectsError);
    assert.deepEqual(error.errors, [
      { Key: "locked 1", Code: "AccessDenied", Message: "It is locked" },
      { Key: "locked 2", Code: "AccessDenied", Message: "It is locked" },
    ]);
    assert.equal(error.deleted.length, 50);
    assert.equal(
      error.message,
      'Cannot delete object "b/locked 1" and 1 more: AccessDenied: It is locked; see "errors"',
    );
    return true;
  });
  assert.deepEqual([...left], ["locked 1", "locked 2"]);
});

test("what S3 could not delete at the time is asked for again, and then an error", async () => {
  let answers = 0;
  const { s3, calls } = stubS3(({ operation }) => {
    if (operation === "ListObjectsV2") {
      return { Contents: [{ Key: "a" }, { Key: "b" }, { Key: "c" }] };
    }
    answers++;
    return {
      Deleted: answers === 1 ? [{ Key: "a" }] : answers === 2 ? [{ Key: "b" }] : [],
      Errors: [
        ...(answers === 1 ? [{ Key: "b", Code: "InternalError", Message: "" }] : []),
        { Key: "c", Code: "SlowDown", Message: "Reduce your request rate" },
      ],
    };
  });
  await assert.rejects(s3.Bucket("b").objects.delete(), (error: unknown) => {
    assert.ok(error instanceof DeleteObjectsError);
    assert.deepEqual(error.deleted, [{ Key: "a" }, { Key: "b" }]);
    assert.deepEqual(
      error.errors.map(({ Key, Code }) => [Key, Code]),
      [["c", "SlowDown"]],
    );
    return true;
  });
  assert.deepEqual(
    calls.slice(1).map((call) => keysOf(call).map(({ Key }) => Key)),
    [["a", "b", "c"], ["b", "c"], ["c"]],
  );
});

test("a request that fails ends the listing, waits for the others, and is thrown with what was done", async () => {
  let requests = 0;
  const { answer, left } = bucketOf(["a locked one", ...numbered(500)], ({ operation }) => {
    if (operation !== "DeleteObjects" || ++requests !== 3) return undefined;
    throw serviceError("AccessDenied", 403);
  });
  const { s3, calls } = stubS3(answer);
  const deletion = s3.Bucket("b").objects.pageSize(10).delete({}, { concurrency: 2 });
  await assert.rejects(deletion, (error: Error & { deleted?: Key[]; errors?: unknown[] }) => {
    assert.equal(error.name, "AccessDenied");
    assert.equal(error.deleted?.length, 501 - left.size);
    assert.deepEqual(error.errors, []);
    return true;
  });
  const lists = calls.filter(({ operation }) => operation === "ListObjectsV2").length;
  assert.ok(lists < 10, `${lists} pages were listed`);
});

test("a listing that fails is thrown with what was deleted before", async () => {
  let lists = 0;
  const { answer } = bucketOf(numbered(50), ({ operation }) => {
    if (operation === "ListObjectsV2" && ++lists === 4) throw serviceError("SlowDown", 503);
    return undefined;
  });
  const { s3 } = stubS3(answer);
  await assert.rejects(
    s3.Bucket("b").objects.pageSize(10).delete(),
    (error: Error & { deleted?: Key[] }) =>
      error.name === "SlowDown" && error.deleted?.length === 20,
  );
});

test("keys that XML 1.0 cannot carry are deleted each by a request of its own", async () => {
  const unfit = ["nul\u0000", "one\u0001", "unit\u001F", "last\uFFFF"];
  const { answer, left } = bucketOf(["cr\r", "nel\u0085", "plain", "tab\t", ...unfit]);
  const { s3, calls } = stubS3(answer);
  const [output] = await s3.Bucket("b").objects.delete({ MFA: "1 2", ChecksumAlgorithm: "SHA256" });
  assert.equal(left.size, 0);
  assert.deepEqual(calls.filter(({ operation }) => operation === "DeleteObjects").map(keysOf), [
    ["cr\r", "nel\u0085", "plain", "tab\t"].map((Key) => ({ Key })),
  ]);
  const singles = calls.filter(({ operation }) => operation === "DeleteObject");
  assert.deepEqual(
    singles
      .map(({ input }) => input)
      .toSorted((a, b) => ((a["Key"] as string) < (b["Key"] as string) ? -1 : 1)),
    unfit.toSorted().map((Key) => ({ MFA: "1 2", Bucket: "b", Key })),
  );
  assert.equal(output?.Deleted?.length, 8);
});

test("a refused key that XML cannot carry is among the errors too", async () => {
  const { answer } = bucketOf(["fine\u0001", "refused\u0001"], ({ operation, input }) => {
    if (operation === "DeleteObject" && (input["Key"] as string).startsWith("refused")) {
      throw serviceError("AccessDenied", 403);
    }
    return operation === "DeleteObject" ? { DeleteMarker: true, VersionId: "m" } : undefined;
  });
  const { s3 } = stubS3(answer);
  await assert.rejects(s3.Bucket("b").objects.delete(), (error: unknown) => {
    assert.ok(error instanceof DeleteObjectsError);
    assert.deepEqual(error.deleted, [
      { Key: "fine\u0001", DeleteMarker: true, DeleteMarkerVersionId: "m" },
    ]);
    assert.deepEqual(error.errors, [
      {
        Key: "refused\u0001",
        VersionId: undefined,
        Code: "AccessDenied",
        Message: "AccessDenied it is",
      },
    ]);
    return true;
  });
});

test("delete refuses a concurrency below 1, and passes options to the listing and to the requests", async () => {
  const { answer } = bucketOf(["k"]);
  const { s3, calls } = stubS3(answer);
  const { objects } = s3.Bucket("b");
  await assert.rejects(objects.delete({}, { concurrency: 0 }), { name: "RangeError" });
  const { signal } = new AbortController();
  await objects.all({ signal }).delete({}, { timeout: 9 });
  assert.equal(calls[0]?.options?.["signal"], signal);
  assert.deepEqual(calls[1]?.options, { signal, timeout: 9 });
});

for (const VersionId of ["", undefined]) {
  test(`delete asks again for a key that is busy when the server writes its version as ${JSON.stringify(VersionId)}`, async () => {
    let tries = 0;
    const { answer, left } = bucketOf(["busy", "free"], ({ operation }) => {
      if (operation !== "DeleteObjects" || ++tries > 1) return undefined;
      left.delete("free");
      return { Deleted: [{ Key: "free" }], Errors: [{ Key: "busy", VersionId, Code: "SlowDown" }] };
    });
    const { s3, calls } = stubS3(answer);
    await s3.Bucket("b").objects.delete();
    assert.equal(left.size, 0);
    const requests = calls.filter(({ operation }) => operation === "DeleteObjects");
    assert.deepEqual(requests.map(keysOf), [[{ Key: "busy" }, { Key: "free" }], [{ Key: "busy" }]]);
  });
}

test("delete reports the error of a key that it did not send, as it is", async () => {
  const other = { Key: "other", Code: "SlowDown", Message: "later" };
  const { answer } = bucketOf(["key"], ({ operation }) =>
    operation === "DeleteObjects" ? { Deleted: [{ Key: "key" }], Errors: [other] } : undefined,
  );
  const { s3, calls } = stubS3(answer);
  await assert.rejects(s3.Bucket("b").objects.delete(), (error: DeleteObjectsError) => {
    assert.deepEqual(error.errors, [other]);
    return true;
  });
  assert.equal(calls.length, 2);
});
