// Abort, back-pressure and bounds of downloads.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readdir, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { test, type TestContext } from "node:test";
import { type Fixture, failureOf, quiet, silence } from "../client/client-fixture.test.ts";
import { checksum } from "../checksum/checksum.ts";
import {
  cut,
  errorAnswer,
  objectOf,
  patterned,
  startObjectServer,
} from "./download-fixture.test.ts";
import type { DownloadTarget } from "./download-types.ts";

const params = { Bucket: "bucket", Key: "key" };
const partSize = 1000;
const object = objectOf(patterned(20_000));

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-download-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

/** A server that stands still at the second part. */
function startStuckServer(): Promise<Fixture> {
  return startObjectServer(object, ({ headers }, whole) =>
    headers["range"] === "bytes=1000-1999" ? cut(whole, 100, silence) : undefined,
  );
}

test("download.abort ends it at any stage: connections are closed, and no file is left", async (t) => {
  const folder = await folderOf(t);
  const stages = {
    "before the first answer": (server: Fixture) => server.arrived(1),
    "in the middle": (server: Fixture) => server.arrived(3),
  };
  for (const [stage, reached] of Object.entries(stages)) {
    const targets: DownloadTarget[] = [
      join(folder, "file"),
      () => {},
      new Writable({ write() {} }),
    ];
    for (const target of targets) {
      await using server = await startObjectServer(object, ({ headers }, whole) =>
        stage.startsWith("before") || headers["range"] === "bytes=1000-1999"
          ? cut(whole, 0, silence)
          : undefined,
      );
      await using session = server.session();
      const s3 = session.client("s3");
      const transfer = s3.download(params, target, { partSize, concurrency: 2 });
      await reached(server);
      const reason = new Error("enough");
      transfer.abort(reason);
      const error = (await failureOf(transfer)) as Error;
      assert.equal(error.name, "AbortError", stage);
      assert.equal(error.cause, reason, stage);
      assert.deepEqual(await readdir(folder), []);
      if (target instanceof Writable) assert.ok(target.destroyed);
      session.client("s3").destroy();
      s3.destroy();
      await server.closed();
    }
  }
});

test("download ends with its signal, before it begins and while its body is read", async () => {
  await using server = await startStuckServer();
  await using session = server.session();
  const s3 = session.client("s3");
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  const early = (await failureOf(s3.download(params, () => {}, { signal }))) as Error;
  assert.equal(early.cause, reason);
  assert.equal(server.requests.length, 0);

  const controller = new AbortController();
  const options = { partSize, signal: controller.signal };
  const { Body } = await s3.download(params, undefined, options);
  const reading = failureOf(Body.bytes());
  await server.arrived(3);
  controller.abort(reason);
  const late = (await reading) as Error;
  assert.equal(late.name, "AbortError");
  assert.equal(late.cause, reason);
});

test("download of a body that its reader leaves or cancels stops all parts", async () => {
  for (const how of ["leave", "cancel", "dispose"]) {
    await using server = await startStuckServer();
    await using session = server.session();
    const s3 = session.client("s3");
    const { Body } = await s3.download(params, undefined, { partSize, concurrency: 4 });
    if (how === "leave") {
      for await (const piece of Body) {
        assert.ok(piece.length > 0);
        await server.arrived(4);
        break;
      }
    } else if (how === "cancel") await Body.cancel();
    else await Body[Symbol.asyncDispose]();
    const count = server.requests.length;
    // What is waited for here ends only when nothing of it is under way.
    await s3.close();
    assert.ok(server.requests.length <= count + 1, how);
    assert.ok(server.requests.length < 20);
  }
});

test("download asks for nothing beyond the first part before its body is read", async () => {
  await using server = await startObjectServer(object);
  await using session = server.session();
  const s3 = session.client("s3");
  const { Body } = await s3.download(params, undefined, { partSize });
  await s3.headObject(params).catch(() => {});
  assert.deepEqual(
    server.requests.map(({ method }) => method),
    ["GET", "HEAD"],
  );
  assert.ok((await Body.bytes()).equals(object.bytes));
});

test("download fails of its target, and stops", async () => {
  const broken = new Error("The target is broken");
  const targets: Record<string, () => DownloadTarget> = {
    function: () => () => Promise.reject(broken),
    "Node stream": () => new Writable({ write: (_, __, callback) => callback(broken) }),
    "Node stream at its end": () =>
      new Writable({
        write: (_, __, callback) => callback(),
        final: (callback) => callback(broken),
      }),
    "web stream": () => new WritableStream({ write: () => Promise.reject(broken) }),
    "web stream at its end": () => new WritableStream({ close: () => Promise.reject(broken) }),
  };
  for (const [name, make] of Object.entries(targets)) {
    await using server = await startObjectServer(object);
    await using session = server.session();
    const s3 = session.client("s3");
    const transfer = s3.download(params, make(), { partSize, concurrency: 2 });
    assert.equal(await failureOf(transfer), broken, name);
    await s3.close();
    if (!name.endsWith("end")) assert.ok(server.requests.length < 15, name);
  }
});

test("download fails of a Node stream that somebody else has ended, before it or meanwhile", async () => {
  for (const endsAfter of [0, 1]) {
    await using server = await startObjectServer(object);
    await using session = server.session();
    const target = new PassThrough();
    target.resume();
    if (endsAfter === 0) await new Promise<void>((resolve) => target.end(resolve));
    else target.once("data", () => target.end());
    const transfer = session.client("s3").download(params, target, { partSize, concurrency: 2 });
    await assert.rejects(transfer, { code: "ERR_STREAM_WRITE_AFTER_END" });
  }
});

test("download tells its target that there will be nothing", async () => {
  await using server = await startObjectServer(object, () => errorAnswer(404, "NoSuchKey", "Gone"));
  await using session = server.session();
  const s3 = session.client("s3");
  const node = new Writable({ write() {} });
  await assert.rejects(s3.download(params, node), { name: "NoSuchKey" });
  assert.equal(node.destroyed, true);
  let aborted: unknown;
  const web = new WritableStream({ abort: (reason) => void (aborted = reason) });
  const error = await failureOf(s3.download(params, web));
  assert.equal(aborted, error);
});

test("client.close waits for downloads into targets that have begun; destroy ends them", async (t) => {
  const folder = await folderOf(t);
  const path = join(folder, "file");
  await using server = await startObjectServer(object);
  await using session = server.session();
  const s3 = session.client("s3");
  const transfer = s3.downloadFile(params, path, { partSize, concurrency: 1 });
  await s3.close();
  assert.equal((await stat(path)).size, object.bytes.length);
  await transfer;
  await assert.rejects(s3.downloadFile(params, path), { name: "ClientClosedError" });

  const other = session.client("s3");
  const { Body } = await other.download(params, undefined, { partSize });
  await other.close();
  await assert.rejects(Body.bytes(), { name: "ClientClosedError" });

  await using stuck = await startStuckServer();
  await using stuckSession = stuck.session();
  const third = stuckSession.client("s3");
  const failed = failureOf(third.downloadFile(params, join(folder, "none"), { partSize }));
  await stuck.arrived(3);
  third.destroy("enough");
  const error = (await failed) as Error;
  assert.equal(error.name, "AbortError");
  assert.equal((error.cause as Error).name, "ClientClosedError");
  assert.deepEqual(await readdir(folder), ["file"]);
});

test("download to the output of the process ends it neither well nor badly", async () => {
  await using server = await startObjectServer(objectOf(Buffer.from("some bytes\n")));
  const program = `
    import { Session } from "@lambdad/aws";
    const session = new Session(${JSON.stringify({ ...quiet, endpoint: server.url })});
    const s3 = session.client("s3");
    const params = { Bucket: "bucket", Key: "key" };
    await s3.download(params, process.stdout);
    await s3.download({ ...params, Range: "bytes=99-" }, process.stdout).catch(({ name }) => console.log(name));
    console.log("still there");
  `;
  const { stdout, stderr } = await runProgram(program);
  assert.deepEqual([stdout, stderr], ["some bytes\nInvalidRange\nstill there\n", ""]);
});

function runProgram(
  program: string,
): Promise<{ readonly stdout: string; readonly stderr: string }> {
  const args = ["--conditions=@lambdad/source", "--input-type=module", "--eval", program];
  const options = { cwd: import.meta.dirname, timeout: 60_000 };
  return new Promise((resolve, reject) => {
    execFile(process.execPath, args, options, (error, stdout, stderr) => {
      if (error === null) resolve({ stdout, stderr });
      else reject(error);
    });
  });
}

for (const [queueBytes, partsMax] of [
  [undefined, 3],
  [5000, 5],
  [2000, 2],
  [10, 1],
] as const) {
  test(`download holds at most ${partsMax} parts for a slow reader, with queueBytes ${queueBytes}`, async () => {
    await using server = await startObjectServer(object, ({ method }) =>
      method === "HEAD" ? Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n") : undefined,
    );
    await using session = server.session();
    const s3 = session.client("s3");
    const parts = (): number => server.requests.filter(({ method }) => method === "GET").length;
    const options = { partSize, concurrency: 3, queueBytes };
    const { Body } = await s3.download(params, undefined, options);
    let read = 0;
    for await (const piece of Body) {
      read += piece.length;
      // All that can be fetched without the reader has been when nothing moves any more.
      for (let before = -1; before !== parts();) {
        before = parts();
        await s3.headObject(params);
      }
      assert.ok(parts() <= Math.floor((read - 1) / partSize) + partsMax, `${parts()} at ${read}`);
    }
    assert.equal(read, 20_000);
    assert.equal(parts(), 20);
  });
}

test("download holds the connection back when a part is longer than what may wait", async () => {
  const large = objectOf(patterned(4 * 1024 * 1024));
  await using server = await startObjectServer(large, (received, whole) =>
    // It knows no ranges: all comes at once.
    received.headers["range"] === undefined ? whole : answerWhole(large.bytes, large.etag),
  );
  await using session = server.session();
  const seen: number[] = [];
  const transfer = session.client("s3").download(params, undefined, {
    partSize: 64 * 1024,
    queueBytes: 128 * 1024,
    onProgress: ({ loaded }) => void seen.push(loaded),
  });
  const { Body } = await transfer;
  let read = 0;
  for await (const piece of Body) {
    read += piece.length;
    await new Promise(setImmediate);
    // 64 KiB may wait; a piece of the network, and what had been copied before, may be on top.
    assert.ok((seen.at(-1) ?? 0) - read <= 64 * 1024 * 6, `${seen.at(-1)} ${read}`);
  }
  assert.equal(read, large.bytes.length);
});

function answerWhole(bytes: Buffer, etag: string): Buffer {
  const head = `HTTP/1.1 200 OK\r\netag: ${etag}\r\ncontent-length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

test("download checks the checksum of the whole object where ChecksumMode asks for it (CL-9)", async (t) => {
  const folder = await folderOf(t);
  const path = join(folder, "file");
  for (const algorithm of ["CRC32", "SHA256", "CRC64NVME"] as const) {
    for (const isRight of [true, false]) {
      const value = checksum(algorithm, isRight ? object.bytes : "other");
      const header = `x-amz-checksum-${algorithm.toLowerCase()}`;
      await using server = await startObjectServer(object, ({ method }) =>
        method === "HEAD"
          ? Buffer.from(
              `HTTP/1.1 200 OK\r\netag: ${object.etag}\r\ncontent-length: 20000\r\n${header}: ${value}\r\nx-amz-checksum-type: FULL_OBJECT\r\n\r\n`,
            )
          : undefined,
      );
      await using session = server.session();
      const s3 = session.client("s3");
      const input = { ...params, ChecksumMode: "ENABLED" } as const;
      const file = s3.downloadFile(input, path, { partSize });
      const { Body } = await s3.download(input, undefined, { partSize });
      if (isRight) {
        await file;
        assert.ok((await Body.bytes()).equals(object.bytes));
        await rm(path);
      } else {
        const expected = { name: "ChecksumError", algorithm };
        await assert.rejects(file, expected);
        await assert.rejects(Body.bytes(), expected);
        await assert.rejects(
          s3.download(input, () => {}, { partSize }),
          expected,
        );
      }
      assert.deepEqual(await readdir(folder), []);
    }
  }
});
