import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { open, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { quiet } from "../client/client-fixture.test.ts";
import { Session } from "../client/session.ts";

const MiB = 1024 * 1024;
/** `AWS_BODY_BYTES=5368709120` for the long form: 5 GiB. */
const size = Number(process.env["AWS_BODY_BYTES"] ?? 128 * MiB);
const options = { partSize: 5 * MiB, threshold: 5 * MiB, concurrency: 4 };

/** A server in a process of its own, so that only the client's memory is measured. It reads slowly. */
const serverProgram = `
  import { createServer } from "node:http";
  const server = createServer((request, answer) => {
    const { searchParams } = new URL(request.url, "http://s3");
    request.on("data", () => {
      request.pause();
      setTimeout(() => request.resume(), 1);
    });
    request.on("end", () => {
      if (searchParams.has("uploads")) answer.end("<R><UploadId>u</UploadId></R>");
      else if (request.method === "POST") answer.end('<R><ETag>"e"</ETag></R>');
      else answer.writeHead(200, { etag: '"e"' }).end();
    });
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.stdin.on("end", () => process.exit()).resume();
`;

async function* endless(): AsyncGenerator<Uint8Array> {
  const piece = Buffer.alloc(100_000, 7);
  for (let left = size; left > 0; left -= piece.length) {
    yield await Promise.resolve(left < piece.length ? piece.subarray(0, left) : piece);
  }
}

test(
  `upload of ${size / MiB} MiB to a slow server holds no more than partSize times concurrency`,
  { timeout: 600_000 },
  async (t) => {
    const folder = await mkdtemp(join(tmpdir(), "lambdad-upload-"));
    const child = spawn(process.execPath, ["--input-type=module", "--eval", serverProgram], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    t.after(async () => {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    });
    const port = await new Promise<string>((resolve) => {
      child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
    });
    const path = join(folder, "sparse");
    const file = await open(path, "w");
    await file.truncate(size);
    await file.close();
    const session = new Session({ ...quiet, endpoint: `http://127.0.0.1:${port}` });
    const s3 = session.client("s3");
    t.after(() => s3.destroy());
    for (const Body of [endless(), { path }]) {
      const before = process.memoryUsage().arrayBuffers;
      let most = 0;
      const sample = (): void => {
        most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      };
      await s3.upload({ Bucket: "b", Key: "k", Body }, { ...options, onProgress: sample });
      const bound = options.partSize * options.concurrency;
      assert.ok(most > options.partSize && most < bound + 4 * MiB, `${most / MiB} MiB`);
    }
  },
);
