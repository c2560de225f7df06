import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import {
  chmod,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import { pathToFileURL } from "node:url";
import { response, startServer } from "../client/client-fixture.test.ts";
import type { DownloadTarget } from "./download-types.ts";
import type { TransferProgress } from "./transfer-types.ts";
import { answer, objectOf, patterned, startObjectServer } from "./download-fixture.test.ts";

const params = { Bucket: "bucket", Key: "folder/key" };
const partSize = 1000;

/** Bytes of all kinds of ends around those of parts. */
const sizes = [0, 1, 999, 1000, 1001, 1999, 2000, 2001, 9999, 25_000];

test("download gives all bytes to every kind of target, for sizes around those of parts", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  for (const size of sizes) {
    const object = objectOf(patterned(size), { "content-type": "text/x", "x-amz-meta-a": "b" });
    await using server = await startObjectServer(object);
    await using session = server.session();
    const s3 = session.client("s3");
    const options = { partSize, concurrency: 3 };

    const { Body, ...found } = await s3.download(params, undefined, options);
    assert.ok((await Body.bytes()).equals(object.bytes), `body of ${size}`);
    assert.equal(Body.length, size);
    assert.equal(found.ContentLength, size);
    assert.equal(found.ETag, object.etag);
    assert.equal(found.ContentType, "text/x");
    assert.deepEqual({ ...found.Metadata }, { a: "b" });
    assert.equal(found.ContentRange, undefined);
    assert.equal(server.requests.length, Math.max(1, Math.ceil(size / partSize)) + (size ? 0 : 1));

    const path = join(folder, `file-${size}`);
    const result = await s3.download(params, path, options);
    assert.ok((await readFile(path)).equals(object.bytes), `file of ${size}`);
    assert.deepEqual(Object.keys(result).includes("Body"), false);
    await s3.download(params, { path }, options);
    await s3.downloadFile(params, pathToFileURL(path), { ...options, fsync: true });
    assert.ok((await readFile(path)).equals(object.bytes));

    const pieces: Buffer[] = [];
    await s3.download(params, (piece) => void pieces.push(piece), options);
    assert.ok(Buffer.concat(pieces).equals(object.bytes), `pieces of ${size}`);

    const written: Buffer[] = [];
    let ended = 0;
    const node = new Writable({
      write: (piece: Buffer, _, callback) => (written.push(piece), callback()),
      final: (callback) => (ended++, callback()),
    });
    await s3.download(params, node, options);
    assert.ok(Buffer.concat(written).equals(object.bytes), `Node stream of ${size}`);
    assert.equal(ended, 1);

    const web: Uint8Array[] = [];
    let closed = 0;
    const sink = { write: (piece: Uint8Array) => void web.push(piece), close: () => void closed++ };
    await s3.download(params, new WritableStream<Uint8Array>(sink), options);
    assert.ok(Buffer.concat(web).equals(object.bytes), `web stream of ${size}`);
    assert.equal(closed, 1);
  }
  assert.deepEqual((await readdir(folder)).sort(), sizes.map((size) => `file-${size}`).sort());
});

test("download asks for the first part and then for the others of that very object", async () => {
  const object = objectOf(patterned(2500));
  await using server = await startObjectServer(object);
  await using session = server.session();
  const conditions = { IfNoneMatch: '"other"', IfModifiedSince: new Date(0) };
  await session
    .client("s3")
    .download({ ...params, ...conditions, VersionId: "v1" }, () => {}, { partSize });
  const asked = server.requests.map(({ headers, path }) => [
    headers["range"],
    headers["if-match"],
    headers["if-none-match"],
    headers["if-modified-since"] !== undefined,
    path.includes("versionId=v1"),
  ]);
  assert.deepEqual(asked, [
    ["bytes=0-999", undefined, '"other"', true, true],
    ["bytes=1000-1999", object.etag, undefined, false, true],
    ["bytes=2000-2499", object.etag, undefined, false, true],
  ]);
});

test("download.progress is cumulative and exact, and knows the total from the first report on", async () => {
  const object = objectOf(patterned(10_500));
  await using server = await startObjectServer(object);
  await using session = server.session();
  const seen: TransferProgress[] = [];
  await session
    .client("s3")
    .download(params, () => {}, { partSize, onProgress: (progress) => void seen.push(progress) });
  assert.equal(seen.at(-1)?.loaded, 10_500);
  assert.ok(seen.every(({ total, key }) => total === 10_500 && key === params.Key));
  assert.ok(seen.every(({ loaded }, at) => loaded > (seen[at - 1]?.loaded ?? 0)));
  assert.deepEqual(
    [...new Set(seen.map(({ part }) => part))].sort((a = 0, b = 0) => a - b).length,
    11,
  );
});

const ranges: readonly (readonly [Range: string, start: number, end: number])[] = [
  ["bytes=0-0", 0, 0],
  ["bytes=500-1499", 500, 1499],
  ["bytes=500-1500", 500, 1500],
  ["bytes=4990-", 4990, 4999],
  ["bytes=100-", 100, 4999],
  ["bytes=0-999999", 0, 4999],
  ["bytes=-1", 4999, 4999],
  ["bytes=-3500", 1500, 4999],
];

test("download takes a Range of the caller's, in parts where it has a beginning", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  const object = objectOf(patterned(5000));
  await using server = await startObjectServer(object);
  await using session = server.session();
  const s3 = session.client("s3");
  for (const [Range, start, end] of ranges) {
    const expected = object.bytes.subarray(start, end + 1);
    const found = await s3.download({ ...params, Range }, undefined, { partSize });
    assert.ok((await found.Body.bytes()).equals(expected), Range);
    assert.equal(found.ContentLength, expected.length);
    assert.equal(found.ContentRange, `bytes ${start}-${end}/5000`);
    const path = join(folder, "file");
    await s3.downloadFile({ ...params, Range }, path, { partSize });
    assert.ok((await readFile(path)).equals(expected), `file: ${Range}`);
  }
  await assert.rejects(
    s3.download({ ...params, Range: "bytes=5000-" }, () => {}),
    {
      name: "InvalidRange",
      statusCode: 416,
    },
  );
});

test("download counts in bytes beyond 4 GiB", async () => {
  const total = 5 * 2 ** 30 + 7;
  const from = total - 3_000_007;
  await using server = await startServer(({ headers }) => {
    const [, start = "", end = ""] = /^bytes=(\d+)-(\d*)$/.exec(headers["range"] ?? "") ?? [];
    const last = Math.min(total - 1, Number(end || total));
    const bytes = Buffer.alloc(last - Number(start) + 1, start);
    return response(206, bytes, {
      "content-range": `bytes ${start}-${last}/${total}`,
      etag: '"x"',
    });
  });
  await using session = server.session();
  const input = { ...params, Range: `bytes=${from}-` };
  const { Body, ContentLength } = await session
    .client("s3")
    .download(input, undefined, { partSize: 1_000_000 });
  const bytes = await Body.bytes();
  assert.equal(ContentLength, 3_000_007);
  for (let at = 0; at < bytes.length; at += 1_000_000) {
    const start = String(from + at);
    assert.ok(
      bytes
        .subarray(at, at + 1_000_000)
        .equals(Buffer.alloc(Math.min(1_000_000, bytes.length - at), start)),
    );
  }
});

test("download of a part of a multipart upload is one request", async () => {
  const object = objectOf(patterned(5000), { "x-amz-mp-parts-count": "5" });
  await using server = await startObjectServer(object, (received) => {
    const { headers } = received;
    if (headers["range"] !== undefined) return undefined;
    const part = { ...received, headers: { ...headers, range: "bytes=1000-3999" } };
    return (socket) => socket.write(answer(part, object));
  });
  await using session = server.session();
  const input = { ...params, PartNumber: 2 };
  const found = await session.client("s3").download(input, undefined, { partSize });
  assert.ok((await found.Body.bytes()).equals(object.bytes.subarray(1000, 4000)));
  assert.equal(found.PartsCount, 5);
  assert.equal(found.ContentRange, "bytes 1000-3999/5000");
  assert.equal(server.requests.length, 1);
});

test("download streams the whole object from a server that knows no ranges", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  const object = objectOf(patterned(50_000));
  await using server = await startObjectServer(object, ({ headers, ...rest }) => {
    const { range: _, ...others } = headers;
    return answer({ ...rest, headers: others }, object);
  });
  await using session = server.session();
  const s3 = session.client("s3");
  const { Body, ContentLength } = await s3.download(params, undefined, { partSize });
  assert.ok((await Body.bytes()).equals(object.bytes));
  assert.equal(ContentLength, 50_000);
  await s3.downloadFile(params, join(folder, "file"), { partSize });
  assert.ok((await readFile(join(folder, "file"))).equals(object.bytes));
  assert.equal(server.requests.length, 2);
});

test("download keeps the file that was there until the new one is complete, and its mode", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  const path = join(folder, "file");
  await writeFile(path, "old", { mode: 0o600 });
  await chmod(path, 0o640);
  await symlink("file", join(folder, "link"));
  const object = objectOf(patterned(3000));
  let during = "";
  await using server = await startObjectServer(object, (received) => {
    if (received.index > 0) during = readFileSync(path, "latin1");
    return undefined;
  });
  await using session = server.session();
  await session.client("s3").downloadFile(params, join(folder, "link"), { partSize });
  assert.equal(during, "old");
  assert.ok((await readFile(path)).equals(object.bytes));
  assert.equal((await stat(path)).mode & 0o777, 0o640);
  assert.ok((await lstat(join(folder, "link"))).isSymbolicLink());
  assert.deepEqual((await readdir(folder)).sort(), ["file", "link"]);
});

test("download writes to what is no regular file, and refuses what cannot be written to", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  await using server = await startObjectServer(objectOf(patterned(3000)));
  await using session = server.session();
  const s3 = session.client("s3");
  await s3.download(params, "/dev/null");
  assert.ok((await stat("/dev/null")).isCharacterDevice());
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [folder, /it is a folder/],
    [`${folder}/new/`, /it is a folder/],
    [join(folder, "none", "file"), /its folder is not there/],
    ["", /give the path of a file/],
    [7, /Cannot download to a value of type number/],
    [null, /Cannot download to a value of type null/],
    [new PassThrough().destroy(), /./],
  ];
  for (const [target, message] of cases) {
    await assert.rejects(s3.download(params, target as DownloadTarget), { message });
  }
  for (const option of ["partSize", "concurrency", "queueBytes"]) {
    for (const value of [0, -1, 1.5, Number.NaN, "8"]) {
      const transfer = s3.download(params, () => {}, { [option]: value });
      await assert.rejects(transfer, { name: "RangeError", message: new RegExp(option) });
    }
  }
  assert.throws(() => s3.downloadFile(params, undefined as never), TypeError);
  assert.deepEqual(await readdir(folder), []);
});
