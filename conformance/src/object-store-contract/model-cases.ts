import assert from "node:assert/strict";
import fc from "fast-check";
import { assertRefused, etagOf } from "./expectation.ts";
import { keysOf, prefixesOf, walk } from "./listing.ts";
import { begin, complete, send } from "./multipart.ts";
import type { Place, StoreCase } from "./store-case.ts";

/** A server that keeps files takes none that is a folder of another, or odd. */
const plain = ["a", "b", "b-", "b.", "c/d", "c/e", "ü", "x y", "x+y", "\u{1F4A1}", "z/\uFFFD"];
const pieces = ["a", "b", "/", ".", "%", "-", "2F", "é", "e\u0301", "\u{1F4A1}", "\uFFFD", "\0"];
const oddKey = fc
  .array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""));

/** Keys are numbers into a few, so that calls meet. */
const index = fc.nat({ max: 6 });
const text = fc.string({ maxLength: 20 });

const calls = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant("put" as const), key: index, text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("create" as const), key: index, text }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("parts" as const), key: index, text }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant("get" as const), key: index }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("delete" as const), key: index }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant("delete several" as const),
      keys: fc.uniqueArray(index, { minLength: 1, maxLength: 4 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("copy" as const), key: index, to: index }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("list" as const),
      prefix: fc.constantFrom("", "a", "b", "/", "c/", "%", "e"),
      delimiter: fc.constantFrom(undefined, "/", "b", "2F"),
      after: fc.constantFrom(undefined, "a", "b", "\u{1F4A1}"),
      pageSize: fc.integer({ min: 1, max: 4 }),
    }),
  },
);

type Call = typeof calls extends fc.Arbitrary<infer One> ? One : never;
type Model = Map<string, string>;

/** Random calls on a few keys, against a `Map`. */
export const modelCases: readonly StoreCase[] = [
  {
    name: "random calls do to a bucket what they do to a map",
    async run(place) {
      const keys = place.isServer ? fc.constantFrom(...plain) : oddKey;
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(keys, { minLength: 7, maxLength: 7 }),
          fc.array(calls, { minLength: 5, maxLength: 25 }),
          async (names, sequence) => {
            const bucket = place.newName();
            await place.s3.createBucket({ Bucket: bucket });
            const model: Model = new Map();
            for (const call of sequence) await check({ ...place, bucket }, model, names, call);
          },
        ),
        { numRuns: 25, endOnFailure: true, includeErrorInReport: true },
      );
    },
  },
];

async function check(
  place: Place,
  model: Model,
  names: readonly string[],
  call: Call,
): Promise<void> {
  const { s3, bucket: Bucket } = place;
  const nameOf = (key: number): string => names[key] ?? "a";
  switch (call.kind) {
    case "list":
      return checkList(place, model, call);
    case "delete several": {
      const Objects = call.keys.map((key) => ({ Key: nameOf(key) }));
      const { Errors } = await s3.deleteObjects({ Bucket, Delete: { Objects, Quiet: true } });
      assert.equal(Errors, undefined);
      for (const { Key } of Objects) model.delete(Key);
      return;
    }
    case "copy":
      return checkCopy(place, model, nameOf(call.key), nameOf(call.to));
    case "get":
      return checkGet(place, model, nameOf(call.key));
    case "delete":
      await s3.deleteObject({ Bucket, Key: nameOf(call.key) });
      model.delete(nameOf(call.key));
      return;
    case "put":
    case "create":
    case "parts":
      return write(place, model, nameOf(call.key), call);
  }
}

async function write(
  { s3, bucket: Bucket }: Place,
  model: Model,
  Key: string,
  call: { readonly kind: "put" | "create" | "parts"; readonly text: string },
): Promise<void> {
  const Body = call.text;
  if (call.kind === "parts") {
    const at = await begin(s3, Bucket, Key);
    await complete(s3, at, [await send(s3, at, 1, Body)]);
  } else if (call.kind === "create" && model.has(Key)) {
    const put = s3.putObject({ Bucket, Key, Body, IfNoneMatch: "*" });
    await assertRefused(put, "PreconditionFailed", 412);
    return;
  } else {
    const IfNoneMatch = call.kind === "create" ? "*" : undefined;
    const { ETag } = await s3.putObject({ Bucket, Key, Body, IfNoneMatch });
    assert.equal(ETag, etagOf(Body));
  }
  model.set(Key, Body);
}

async function checkGet({ s3, bucket: Bucket }: Place, model: Model, Key: string): Promise<void> {
  const expected = model.get(Key);
  if (expected === undefined) {
    await assertRefused(s3.getObject({ Bucket, Key }), "NoSuchKey", 404);
    return;
  }
  const { Body } = await s3.getObject({ Bucket, Key });
  assert.deepEqual(Buffer.from((await Body?.bytes()) ?? ""), Buffer.from(expected));
}

async function checkCopy(
  { s3, bucket: Bucket }: Place,
  model: Model,
  from: string,
  Key: string,
): Promise<void> {
  const CopySource = { Bucket, Key: from };
  const copy = s3.copyObject({ Bucket, Key, CopySource, MetadataDirective: "REPLACE" });
  const expected = model.get(from);
  if (expected === undefined) {
    await assertRefused(copy, "NoSuchKey", 404);
    return;
  }
  await copy;
  model.set(Key, expected);
}

async function checkList(
  { s3, bucket: Bucket }: Place,
  model: Model,
  call: Call & { kind: "list" },
): Promise<void> {
  const { prefix: Prefix, delimiter: Delimiter, pageSize: MaxKeys } = call;
  const StartAfter = startOf(call);
  const input = { Bucket, Prefix, Delimiter, StartAfter };
  const expected = listed(model, call);
  const paged = await walk(s3, { ...input, MaxKeys });
  assert.deepEqual([paged.keys, paged.prefixes], expected);
  const whole = await s3.listObjectsV2(input);
  assert.deepEqual([keysOf(whole), prefixesOf(whole)], expected);
}

/** Amazon does not say what becomes of a common prefix that StartAfter lies in. */
function startOf({ delimiter, after }: Call & { kind: "list" }): string | undefined {
  return delimiter === undefined ? after : undefined;
}

function listed(model: Model, call: Call & { kind: "list" }): string[][] {
  const { prefix, delimiter } = call;
  const after = startOf(call);
  const [keys, prefixes] = [[] as string[], new Set<string>()];
  const sorted = [...model.keys()].toSorted((a, b) =>
    Buffer.compare(Buffer.from(a), Buffer.from(b)),
  );
  for (const key of sorted) {
    if (!key.startsWith(prefix)) continue;
    if (after !== undefined && Buffer.compare(Buffer.from(key), Buffer.from(after)) <= 0) continue;
    const end = delimiter === undefined ? -1 : key.indexOf(delimiter, prefix.length);
    if (end < 0) keys.push(key);
    else prefixes.add(key.slice(0, end + (delimiter ?? "").length));
  }
  return [keys, [...prefixes]];
}
