import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createServer, type AddressInfo } from "node:net";
import { describe, it } from "node:test";
import { Session } from "./session.ts";
import { quiet } from "./client-fixture.test.ts";

const MiB = 1024 * 1024;
/** `AWS_BODY_BYTES=5368709120` for the long form: 5 GiB. */
const size = Number(process.env["AWS_BODY_BYTES"] ?? 256 * MiB);
const piece = Buffer.alloc(64 * 1024);
for (let i = 0; i < piece.length; i++) piece[i] = (i * 31) % 251;

/**
 * A server in a process of its own, so that only the client's memory is measured: sends the body
 * whose size the path says, and counts what it is sent.
 */
const serverProgram = `
  import { createServer } from "node:http";
  const piece = Buffer.alloc(${piece.length});
  for (let i = 0; i < piece.length; i++) piece[i] = (i * 31) % 251;
  const server = createServer((request, answer) => {
    if (request.method === "PUT") {
      let received = 0;
      request.on("data", (chunk) => (received += chunk.length));
      request.on("end", () => answer.writeHead(200, { etag: '"' + received + '"' }).end());
      return;
    }
    let left = ${size};
    answer.writeHead(200, { "content-length": left });
    const write = () => {
      while (left > 0) {
        const next = left < piece.length ? piece.subarray(0, left) : piece;
        left -= next.length;
        if (!answer.write(next)) return void answer.once("drain", write);
      }
      answer.end();
    };
    write();
  });
  server.listen(0, "127.0.0.1", () => console.log(server.address().port));
  process.stdin.on("end", () => process.exit()).resume();
`;

async function startServerProcess(): Promise<AsyncDisposable & { readonly url: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "--eval", serverProgram], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = new Promise((resolve) => void child.once("exit", resolve));
  const port = await new Promise<string>((resolve) => {
    child.stdout.once("data", (text: Buffer) => resolve(text.toString().trim()));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      // Nothing is lost with it, and an exit of its own may wait for its threads.
      child.kill("SIGKILL");
      await exited;
    },
  };
}

/** Measures how much memory the process takes beyond what it had, at most. */
function watchMemory(): { most: () => number } {
  const before = process.memoryUsage().rss;
  let most = 0;
  const sample = (): void => {
    most = Math.max(most, process.memoryUsage().rss - before);
  };
  const timer = setInterval(sample, 20).unref();
  return {
    most: () => {
      clearInterval(timer);
      sample();
      return most;
    },
  };
}

describe(`a body of ${size / MiB} MiB`, { timeout: 600_000 }, () => {
  it("is read with flat memory", async () => {
    await using server = await startServerProcess();
    await using client = new Session({ ...quiet, endpoint: server.url }).client("s3");
    const memory = watchMemory();
    const { Body, ContentLength } = await client.getObject({ Bucket: "b", Key: "k" });
    assert.equal(ContentLength, size);
    let received = 0;
    for await (const chunk of Body ?? []) received += chunk.length;
    assert.equal(received, size);
    assert.ok(memory.most() < 128 * MiB, `${memory.most() / MiB} MiB`);
  });

  for (const replayable of [true, false]) {
    it(`is sent with flat memory, ${replayable ? "read twice" : "once, in signed chunks"}`, async () => {
      await using server = await startServerProcess();
      await using client = new Session({ ...quiet, endpoint: server.url }).client("s3", {
        payloadSigning: true,
      });
      async function* source(): AsyncGenerator<Uint8Array> {
        for (let left = size; left > 0; left -= piece.length) {
          yield await Promise.resolve(left < piece.length ? piece.subarray(0, left) : piece);
        }
      }
      const memory = watchMemory();
      const { ETag } = await client.putObject({
        Bucket: "b",
        Key: "k",
        Body: replayable ? source : source(),
        ContentLength: size,
      });
      const sent = Number(ETag?.replaceAll('"', ""));
      if (replayable) assert.equal(sent, size);
      else assert.ok(sent > size && sent < size * 1.01, String(sent));
      assert.ok(memory.most() < 128 * MiB, `${memory.most() / MiB} MiB`);
    });
  }

  it("goes from one client to another with back-pressure", async () => {
    const digest = createHash("sha256");
    let received = 0;
    const take = (bytes: Buffer): void => {
      received += bytes.length;
      digest.update(bytes);
    };
    const sink = createServer((socket) => {
      let head = "";
      socket.on("data", (chunk: Buffer) => {
        if (head.includes("\r\n\r\n")) take(chunk);
        else {
          head += chunk.toString("latin1");
          const end = head.indexOf("\r\n\r\n");
          if (end >= 0) take(Buffer.from(head.slice(end + 4), "latin1"));
        }
        if (received === size) socket.end("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
      });
    });
    await new Promise<void>((resolve) => void sink.listen(0, "127.0.0.1", resolve));
    const { port } = sink.address() as AddressInfo;
    await using server = await startServerProcess();
    await using from = new Session({ ...quiet, endpoint: server.url }).client("s3");
    await using to = new Session({
      ...quiet,
      endpoint: `http://127.0.0.1:${port}`,
      credentials: false,
    }).client("s3");
    const memory = watchMemory();
    const { Body } = await from.getObject({ Bucket: "b", Key: "k" });
    assert.ok(Body);
    await to.putObject({ Bucket: "b", Key: "k", Body, ContentLength: size });
    assert.equal(received, size);
    const expected = createHash("sha256");
    for (let left = size; left > 0; left -= piece.length) {
      expected.update(left < piece.length ? piece.subarray(0, left) : piece);
    }
    assert.equal(digest.digest("hex"), expected.digest("hex"));
    assert.ok(memory.most() < 160 * MiB, `${memory.most() / MiB} MiB`);
    await new Promise((resolve) => void sink.close(resolve));
  });
});
