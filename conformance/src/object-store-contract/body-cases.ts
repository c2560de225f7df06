import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import type { S3Client } from "@lambdad/aws/s3";
import { assertOutput, bytesOf, etagOf } from "./expectation.ts";
import type { Place, StoreCase } from "./store-case.ts";

type Body = Parameters<S3Client["putObject"]>[0]["Body"];

const bytes = bytesOf(200_000);
const mib = 1_048_576;

/** One for each kind; a length is given where S3 needs one. */
const kinds: Readonly<Record<string, () => Body>> = {
  "a Buffer": () => bytes,
  "a Uint8Array within a larger buffer": () => {
    const larger = new Uint8Array(bytes.length + 20);
    larger.set(bytes, 10);
    return larger.subarray(10, 10 + bytes.length);
  },
  "an ArrayBuffer": () => Uint8Array.from(bytes).buffer,
  "a Blob": () => new Blob([bytes]),
  "a web stream": () => new Blob([bytes]).stream(),
  "a Node stream": () => Readable.from([bytes.subarray(0, 7), bytes.subarray(7)]),
  "an async iterable": () => pieces(),
  "an iterable": () => [bytes.subarray(0, 70_000), bytes.subarray(70_000)],
  "a function that opens a stream": () => () => new Blob([bytes]).stream(),
};

/** @yields The bytes, in pieces of a size that divides nothing. */
async function* pieces(): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 999) yield bytes.subarray(at, at + 999);
}

/** How often a stream gave its bytes tells nothing of the object: what is stored does. */
async function assertStored({ s3, bucket }: Place, Key: string, expected: Buffer): Promise<void> {
  const { Body, ContentLength, ETag } = await s3.getObject({ Bucket: bucket, Key });
  assert.ok(Buffer.from((await Body?.bytes()) ?? "none").equals(expected), "bytes");
  assert.equal(ContentLength, expected.length);
  assert.equal(ETag, etagOf(expected));
}

async function withFile(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-conformance-body-"));
  try {
    await writeFile(join(folder, "file"), bytes);
    await run(join(folder, "file"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @yields Nine MiB in uneven pieces, which are never in memory at once. */
async function* nineMib(): AsyncGenerator<Uint8Array> {
  const piece = bytesOf(mib, 9);
  for (let index = 0; index < 9; index += 1) {
    yield piece.subarray(0, 1_000 + index);
    yield piece.subarray(1_000 + index);
  }
}

/** What may be given as a body, and what comes back. */
export const bodyCases: readonly StoreCase[] = [
  ...Object.entries(kinds).map(([what, make]): StoreCase => ({
    name: `putObject takes ${what}`,
    async run(place) {
      const { s3, bucket: Bucket } = place;
      await s3.putObject({ Bucket, Key: "kind", Body: make(), ContentLength: bytes.length });
      await assertStored(place, "kind", bytes);
    },
  })),
  {
    name: "putObject takes text as UTF-8",
    async run(place) {
      const text = "Grüße, 世界, 💡\r\n\0";
      await place.s3.putObject({ Bucket: place.bucket, Key: "text", Body: text });
      await assertStored(place, "text", Buffer.from(text));
      const { Body } = await place.s3.getObject({ Bucket: place.bucket, Key: "text" });
      assert.equal(await Body?.text(), text);
    },
  },
  {
    name: "putObject takes a file, and a part of one",
    async run(place) {
      await withFile(async (path) => {
        const { s3, bucket: Bucket } = place;
        await s3.putObject({ Bucket, Key: "file", Body: { path } });
        await assertStored(place, "file", bytes);
        await s3.putObject({ Bucket, Key: "part", Body: { path, start: 1_000, end: 2_000 } });
        await assertStored(place, "part", bytes.subarray(1_000, 2_000));
      });
    },
  },
  {
    name: "putObject takes 9 MiB from a stream, and getObject streams them",
    async run({ s3, bucket: Bucket }) {
      const expected: Buffer[] = [];
      for await (const piece of nineMib()) expected.push(Buffer.from(piece));
      const whole = Buffer.concat(expected);
      await s3.putObject({ Bucket, Key: "nine", Body: nineMib(), ContentLength: whole.length });
      const { Body, ETag } = await s3.getObject({ Bucket, Key: "nine" });
      const got: Buffer[] = [];
      for await (const piece of Body ?? []) got.push(Buffer.from(piece));
      assert.ok(Buffer.concat(got).equals(whole));
      assert.equal(ETag, etagOf(whole));
    },
  },
  {
    name: "putObject of a stream without a length is refused, and says what to do",
    async run({ s3, bucket: Bucket }) {
      const put = s3.putObject({ Bucket, Key: "endless", Body: pieces() });
      await assert.rejects(put, { name: "ParamValidationError", path: "Body", message: /length/ });
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  ...[bytes.length - 1, bytes.length + 1, 0].map((ContentLength): StoreCase => ({
    name: `putObject of a stream that gives not the ${ContentLength} bytes it should stores nothing`,
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "mismatch" };
      await s3.putObject({ ...at, Body: "as before" });
      await assert.rejects(s3.putObject({ ...at, Body: pieces(), ContentLength }));
      const { Body } = await s3.getObject(at);
      assert.equal(await Body?.text(), "as before");
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 1);
    },
  })),
  {
    name: "putObject of a stream that fails rejects, and stores nothing",
    async run({ s3, bucket: Bucket }) {
      const failure = new Error("the source fails");
      async function* failing(): AsyncGenerator<Uint8Array> {
        yield bytes.subarray(0, 100_000);
        throw failure;
      }
      const put = s3.putObject({ Bucket, Key: "broken", Body: failing(), ContentLength: 200_000 });
      await assert.rejects(put, (error: unknown) => {
        assert.ok(error === failure || (error as Error).message.includes(failure.message));
        return true;
      });
      assert.equal((await s3.listObjectsV2({ Bucket })).KeyCount, 0);
    },
  },
  {
    name: "bytes that change after putObject has resolved do not change the object",
    async run({ s3, bucket: Bucket }) {
      for (const size of [10, 5_000, 2 * mib]) {
        const Body = bytesOf(size);
        await s3.putObject({ Bucket, Key: "mine", Body });
        const before = Buffer.from(Body);
        Body.fill(0);
        const got = await s3.getObject({ Bucket, Key: "mine" });
        assert.ok(Buffer.from((await got.Body?.bytes()) ?? "none").equals(before), `${size}`);
      }
    },
  },
  {
    name: "bytes that getObject gave may be changed without changing the object",
    async run({ s3, bucket: Bucket }) {
      for (const size of [10, 5_000, 2 * mib]) {
        const Body = bytesOf(size);
        await s3.putObject({ Bucket, Key: "yours", Body });
        for (const Range of [undefined, "bytes=0-4", undefined]) {
          const got = await s3.getObject({ Bucket, Key: "yours", Range });
          const read = (await got.Body?.bytes()) ?? Buffer.alloc(0);
          const length = Range === undefined ? size : 5;
          assert.ok(Buffer.from(read).equals(Body.subarray(0, length)), `${size} ${Range}`);
          read.fill(0);
        }
      }
    },
  },
  {
    name: "metadata that is changed after a call, given or taken, does not change the object",
    async run({ s3, bucket: Bucket }) {
      const at = { Bucket, Key: "details" };
      const Metadata = { a: "b" };
      await s3.putObject({ ...at, Body: "x", Metadata });
      Metadata.a = "changed";
      const { Metadata: first = {} } = await s3.headObject(at);
      assert.deepEqual(first, { a: "b" });
      first["a"] = "changed";
      assert.deepEqual((await s3.headObject(at)).Metadata, { a: "b" });
    },
  },
  {
    name: "the input of putObject is not changed",
    async run({ s3, bucket: Bucket }) {
      const Metadata = Object.freeze({ Upper: "case" });
      const input = Object.freeze({ Bucket, Key: "frozen", Body: "x", Metadata });
      assertOutput(await s3.putObject(input), { ETag: etagOf("x") });
    },
  },
  {
    name: "a body is read in every way that ResponseBody knows, small and large",
    async run({ s3, bucket: Bucket }) {
      for (const size of [300, 2 * mib]) {
        const text = "0123456789".repeat(size / 10);
        const at = { Bucket, Key: "ways" };
        await s3.putObject({ ...at, Body: text });
        const read = async (): Promise<NonNullable<typeof Body>> => {
          const { Body } = await s3.getObject(at);
          assert.ok(Body !== undefined);
          return Body;
        };
        const { Body } = await s3.getObject(at);
        assert.equal(await Body?.transformToString(), text);
        assert.equal(await (await read()).text(), text);
        assert.equal((await (await read()).arrayBuffer()).byteLength, text.length);
        assert.equal((await (await read()).blob()).size, text.length);
        assert.equal(await new Response((await read()).webStream()).text(), text);
        const node: Buffer[] = [];
        for await (const piece of (await read()).stream()) node.push(Buffer.from(piece));
        assert.equal(Buffer.concat(node).toString(), text);
        await (await read()).cancel();
      }
      await s3.putObject({ Bucket, Key: "json", Body: '{"a":[1]}' });
      const { Body } = await s3.getObject({ Bucket, Key: "json" });
      assert.deepEqual(await Body?.json(), { a: [1] });
    },
  },
  ...(["buffer", "stream"] as const).map((body): StoreCase => ({
    name: `getObject with body: "${body}" gives the same bytes`,
    async run({ s3, bucket: Bucket }) {
      for (const size of [0, 10, 3 * mib]) {
        const expected = bytesOf(size);
        await s3.putObject({ Bucket, Key: "option", Body: expected });
        const { Body } = await s3.getObject({ Bucket, Key: "option" }, { body });
        assert.ok(Buffer.from((await Body?.bytes()) ?? "none").equals(expected), `${size}`);
      }
    },
  })),
];
