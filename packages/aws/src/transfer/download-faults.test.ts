// Downloads from a server that breaks on order (reliability.md §11).
import assert from "node:assert/strict";
import { fs } from "../builtin/fs.ts";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import {
  failureOf,
  hangUp,
  type Received,
  type Reply,
  reset,
  silence,
} from "../client/client-fixture.test.ts";
import { ServiceError } from "../client/errors.ts";
import type { SessionOptions } from "../client/options.ts";
import {
  answer,
  cut,
  errorAnswer,
  objectOf,
  patterned,
  startObjectServer,
} from "./download-fixture.test.ts";

const params = { Bucket: "bucket", Key: "key" };
const partSize = 1000;
const object = objectOf(patterned(4500));

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** Downloads twice, as a body and as a file; each request of `faults` is answered by its fault once. */
async function survives(
  t: TestContext,
  fault: (received: Received, whole: Buffer) => Reply | undefined,
  options: SessionOptions = {},
): Promise<readonly Received[]> {
  const folder = await folderOf(t);
  const all: Received[] = [];
  const read: ((s3: ReturnType<typeof clientOf>) => Promise<Buffer>)[] = [
    async (s3) => (await s3.download(params, undefined, { partSize })).Body.bytes(),
    async (s3) => {
      const path = join(folder, "file");
      await s3.downloadFile(params, path, { partSize });
      return readFile(path);
    },
  ];
  for (const each of read) {
    await using server = await startObjectServer(object, fault);
    await using session = server.session(options);
    assert.ok((await each(clientOf(session))).equals(object.bytes));
    all.push(...server.requests);
  }
  assert.deepEqual(await readdir(folder), ["file"]);
  return all;
}

function clientOf(session: ReturnType<Awaited<ReturnType<typeof startObjectServer>>["session"]>) {
  return session.client("s3");
}

/** Answers with the fault the first time that this range is asked for. */
function once(ranges: readonly string[], fault: (whole: Buffer) => Reply) {
  const left = new Map<string, Set<number>>();
  return ({ headers, connection }: Received, whole: Buffer): Reply | undefined => {
    const range = headers["range"] ?? "";
    if (!ranges.includes(range)) return undefined;
    const seen = left.get(range) ?? new Set();
    left.set(range, seen.add(connection));
    return seen.size === 1 ? fault(whole) : undefined;
  };
}

const every = ["bytes=0-999", "bytes=1000-1999", "bytes=4000-4499"];

for (const bodyBytes of [0, 1, 499, 500, 999]) {
  test(`download resumes a part that breaks off after ${bodyBytes} bytes, from that byte and of that object (CL-8)`, async (t) => {
    for (const then of [reset, hangUp]) {
      const seen = new Set<string>();
      const requests = await survives(t, ({ headers, index }, whole) => {
        // A new server begins to count anew.
        if (index === 0) seen.clear();
        const range = headers["range"] ?? "";
        if (
          !every.includes(range) ||
          seen.has(range) ||
          (bodyBytes >= 500 && range.includes("4499"))
        ) {
          return undefined;
        }
        seen.add(range);
        return cut(whole, bodyBytes, then);
      });
      const resumed = requests.filter(
        ({ headers }) => headers["range"] === `bytes=${1000 + bodyBytes}-1999`,
      );
      assert.ok(resumed.length >= 2);
      for (const { headers } of resumed) {
        assert.equal(headers["if-match"], object.etag);
      }
    }
  });
}

test("download asks again for a part whose body stands still (CL-8, CL-11)", async (t) => {
  const fault = once(every, (whole) => cut(whole, 300, silence));
  const requests = await survives(t, fault, { bodyTimeout: 50 });
  assert.ok(requests.some(({ headers }) => headers["range"] === "bytes=1300-1999"));
});

test("download asks again for a part when other bytes come than it asked for", async (t) => {
  for (const wrong of [
    "bytes 0-999/4500",
    "bytes 1000-1998/4500",
    "nonsense",
    "bytes 1999-1000/4500",
  ]) {
    const seen = new Set<string>();
    await survives(t, ({ headers, index }, whole) => {
      if (index === 0) seen.clear();
      const range = headers["range"] ?? "";
      if (range !== "bytes=1000-1999" || seen.has(range)) return undefined;
      seen.add(range);
      return Buffer.from(whole.toString("latin1").replace("bytes 1000-1999/4500", wrong), "latin1");
    });
  }
});

test("download takes its part of a whole object that comes in place of the range", async (t) => {
  await survives(t, (received) => {
    if (received.headers["range"] !== "bytes=2000-2999") return undefined;
    const { range: _, ...headers } = received.headers;
    return answer({ ...received, headers }, object);
  });
});

test("download fails with the body's error after five repeats of a part (CL-8)", async (t) => {
  const folder = await folderOf(t);
  await using server = await startObjectServer(object, ({ headers }, whole) =>
    headers["range"]?.endsWith("-1999") === true ? cut(whole, 0) : undefined,
  );
  await using session = server.session();
  const s3 = session.client("s3");
  const path = join(folder, "file");
  await writeFile(path, "old");
  await assert.rejects(s3.downloadFile(params, path, { partSize }), { name: "ConnectionError" });
  const tries = server.requests.filter(({ headers }) => headers["range"] === "bytes=1000-1999");
  assert.equal(tries.length, 6);
  assert.equal(await readFile(path, "latin1"), "old");
  assert.deepEqual(await readdir(folder), ["file"]);
  const { Body } = await s3.download(params, undefined, { partSize });
  await assert.rejects(Body.bytes(), { name: "ConnectionError" });
});

test("download never mixes versions: an object that is replaced meanwhile is an error that says so", async (t) => {
  const folder = await folderOf(t);
  const newer = objectOf(patterned(4500, 1));
  let current = object;
  await using server = await startObjectServer(
    () => current,
    ({ index }) => {
      if (index === 0) queueMicrotask(() => (current = newer));
      return undefined;
    },
  );
  await using session = server.session();
  const s3 = session.client("s3");
  const error = (await failureOf(
    s3.downloadFile(params, join(folder, "file"), { partSize, concurrency: 2 }),
  )) as ServiceError;
  assert.ok(error instanceof ServiceError);
  assert.equal(error.name, "PreconditionFailed");
  assert.equal(error.statusCode, 412);
  assert.match(error.message, /"key": the object was replaced meanwhile; download it again/);
  assert.deepEqual(await readdir(folder), []);
});

test("download notices another ETag or size where the server knows no If-Match", async () => {
  for (const newer of [
    objectOf(patterned(4500, 1)),
    { ...objectOf(patterned(4600)), etag: object.etag },
  ]) {
    await using server = await startObjectServer(object, (received) => {
      const { "if-match": condition, ...headers } = received.headers;
      return condition === undefined ? undefined : answer({ ...received, headers }, newer);
    });
    await using session = server.session();
    const { Body } = await session.client("s3").download(params, undefined, { partSize });
    await assert.rejects(Body.bytes(), { name: "PreconditionFailed", statusCode: 206 });
  }
});

test("download passes on what the service says, at the first part and at later ones", async () => {
  for (const range of ["bytes=0-999", "bytes=3000-3999"]) {
    await using server = await startObjectServer(object, ({ headers }) =>
      headers["range"] === range ? errorAnswer(404, "NoSuchKey", "Gone") : undefined,
    );
    await using session = server.session();
    const s3 = session.client("s3");
    const error = await failureOf(s3.download(params, () => {}, { partSize }));
    assert.ok(error instanceof s3.errors.NoSuchKey);
    assert.equal(error.message, "Gone");
    assert.equal(server.requests.filter(({ headers }) => headers["range"] === range).length, 1);
  }
});

test("download fails where the part that its reader waits for fails, while no further part may begin", async () => {
  for (const queueBytes of [1000, 2000, 3000]) {
    await using server = await startObjectServer(object, ({ headers }) =>
      headers["range"] === "bytes=1000-1999" ? errorAnswer(404, "NoSuchKey", "Gone") : undefined,
    );
    await using session = server.session();
    const s3 = session.client("s3");
    const bounds = { partSize, queueBytes };
    await assert.rejects(
      s3.download(params, () => {}, bounds),
      { name: "NoSuchKey" },
    );
    const { Body } = await s3.download(params, undefined, bounds);
    await assert.rejects(Body.bytes(), { name: "NoSuchKey" });
  }
});

test("download fails of its disk, and leaves nothing", async (t) => {
  const folder = await folderOf(t);
  await using server = await startObjectServer(object);
  await using session = server.session();
  const error = Object.assign(new Error("No space"), { code: "ENOSPC" });
  t.mock.method(fs, "write", (...args: unknown[]) => {
    const callback = args.at(-1) as (error: Error) => void;
    setImmediate(() => callback(error));
  });
  const transfer = session.client("s3").downloadFile(params, join(folder, "file"), { partSize });
  assert.equal(await failureOf(transfer), error);
  assert.deepEqual(await readdir(folder), []);
});

test("download writes on where the file system took a part of a write", async (t) => {
  const folder = await folderOf(t);
  await using server = await startObjectServer(object);
  await using session = server.session();
  const write = fs.write.bind(fs) as (...args: unknown[]) => void;
  t.mock.method(fs, "write", (...args: unknown[]) => {
    args[3] = Math.min(args[3] as number, 77);
    write(...args);
  });
  await session.client("s3").downloadFile(params, join(folder, "file"), { partSize });
  assert.ok((await readFile(join(folder, "file"))).equals(object.bytes));
});

test("download of a body that breaks off gives no clean end (CL-8)", async () => {
  await using server = await startObjectServer(object, ({ headers }, whole) =>
    headers["range"]?.endsWith("-4499") === true ? cut(whole, 0, reset) : undefined,
  );
  await using session = server.session();
  const { Body } = await session.client("s3").download(params, undefined, { partSize });
  let bytes = 0;
  await assert.rejects(
    async () => {
      for await (const piece of Body) bytes += piece.length;
    },
    { name: "ConnectionError" },
  );
  assert.ok(bytes <= 4000);
});
