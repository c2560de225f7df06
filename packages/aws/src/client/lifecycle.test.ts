import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { json, startServer } from "./client-fixture.test.ts";

const run = promisify(execFile);
const packageUrl = new URL("../index.ts", import.meta.url).href;
const input = { TableName: "t", Key: { id: { S: "1" } } };

/** Runs a program in a process of its own; what it logs. */
async function runProgram(program: string, flags: readonly string[] = []): Promise<string> {
  const { stdout } = await run(
    process.execPath,
    ["--conditions=@lambdad/source", "--input-type=module", ...flags, "--eval", program],
    { timeout: 20_000, env: { PATH: process.env["PATH"] } },
  );
  return stdout;
}

function sessionText(url: string): string {
  return `new Session(${JSON.stringify({
    endpoint: url,
    region: "us-east-1",
    credentials: { accessKeyId: "a", secretAccessKey: "b" },
  })})`;
}

describe("the life of a client", { timeout: 60_000 }, () => {
  it("closes once, and takes no call afterwards", async () => {
    await using server = await startServer(() => json({}));
    const client = server.session().client("dynamodb");
    await client.getItem(input);
    const closed = client.close();
    assert.equal(client.close(), closed);
    await closed;
    await server.closed();
    const calls = [
      client.getItem(input),
      client.presign.getItem(input),
      client.callAll("getItem", [input]),
      client.meta.endpoint(),
    ];
    for (const call of calls) await assert.rejects(call, { name: "ClientClosedError" });
    assert.throws(() => client.presignSync.getItem(input), { name: "ClientClosedError" });
    client.destroy();
    await client.close();
  });

  it("closes before its first call, and without any", async () => {
    await using server = await startServer(() => json({}));
    const client = server.session().client("dynamodb");
    await client.close();
    await assert.rejects(client.getItem(input), { name: "ClientClosedError" });
  });

  it("makes the calls that were made before it was closed", async () => {
    await using server = await startServer(() => json({}));
    const client = server.session().client("dynamodb");
    const calls = [client.getItem(input), client.getItem(input)];
    await client.close();
    assert.equal((await Promise.all(calls)).length, 2);
    await server.closed();
  });

  it("is closed by `await using`, and by its session", async () => {
    await using server = await startServer(() => json({}));
    const session = server.session();
    {
      await using client = session.client("dynamodb");
      await client.getItem(input);
    }
    await server.closed();
    const others = [session.client("dynamodb"), session.client("sqs")];
    await others[0]?.meta.region();
    await session.close();
    await server.closed();
    for (const each of others) await assert.rejects(each.meta.region());
  });

  it("waits for a streamed body that is being read", async () => {
    await using server = await startServer(() => (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nab");
      setTimeout(() => socket.write("cd"), 30);
    });
    const client = server.session().client("s3");
    const { Body } = await client.getObject({ Bucket: "b", Key: "k" }, { body: "stream" });
    const text = Body?.text();
    await client.close();
    assert.equal(await text, "abcd");
    await server.closed();
  });

  it("ends a streamed body that nobody reads when it is closed", async () => {
    await using server = await startServer(() => (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 4000000\r\n\r\n${"a".repeat(1_000_000)}`);
    });
    const client = server.session().client("s3", { bodyTimeout: 50 });
    const { Body } = await client.getObject({ Bucket: "b", Key: "k" });
    await client.close();
    await server.closed();
    await assert.rejects(Body?.bytes() ?? Promise.resolve(), { name: "ClientClosedError" });
  });

  it("never keeps a process alive", async () => {
    await using server = await startServer(() => json({}));
    const text = await runProgram(`
      import { Session } from ${JSON.stringify(packageUrl)};
      const client = ${sessionText(server.url)}.client("dynamodb");
      await client.getItem(${JSON.stringify(input)}, { timeout: 600_000 });
      console.log("done");
    `);
    assert.equal(text, "done\n");
    await server.closed();
  });

  it("lets a forgotten body go, with one warning", async () => {
    await using server = await startServer(() => (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n${"a".repeat(1_000_000)}`);
    });
    const text = await runProgram(
      `
      import { Session } from ${JSON.stringify(packageUrl)};
      let warned;
      const warning = new Promise((resolve) => (warned = resolve));
      const logger = { warn: warned };
      const client = ${sessionText(server.url)}.client("s3", { logger });
      const ways = [
        async () => void (await client.getObject({ Bucket: "b", Key: "k" })),
        async () => {
          const { Body } = await client.getObject({ Bucket: "b", Key: "k" });
          await Body[Symbol.asyncIterator]().next();
        },
      ];
      for (const way of ways) {
        let isWarned = false;
        const { promise, resolve } = Promise.withResolvers();
        logger.warn = (message) => { isWarned = true; console.log(message); resolve(); };
        await way();
        for (let i = 0; i < 200 && !isWarned; i++) {
          gc();
          await new Promise((next) => setTimeout(next, 5));
        }
        await promise;
      }
      await client.close();
      `,
      ["--expose-gc"],
    );
    const message =
      "The body of GetObject was not read to its end: read it, or call cancel() on it\n";
    assert.equal(text, message + message);
    await server.closed();
  });
});

describe("what importing the package costs", { timeout: 60_000 }, () => {
  it("loads no network, protocol or transport code before the first call", async () => {
    const text = await runProgram(`
      import { registerHooks } from "node:module";
      import { writeSync } from "node:fs";
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const before = new Set(process.moduleLoadList);
      const { Session } = await import(${JSON.stringify(packageUrl)});
      const session = new Session({ region: "us-east-1" });
      session.client("s3"); session.client("dynamodb");
      const builtins = process.moduleLoadList.filter((name) => !before.has(name));
      writeSync(1, JSON.stringify({ loaded, builtins }));
    `);
    const { loaded, builtins } = JSON.parse(text) as { loaded: string[]; builtins: string[] };
    const heavy = builtins.filter((name) =>
      /NativeModule (?:net|tls|http|https|http2|zlib|child_process|worker_threads|stream\/|dns|_http|_tls)/.test(
        name,
      ),
    );
    assert.deepEqual(heavy, []);
    const unwanted = loaded.filter((url) =>
      /(?!.*(?:dynamo-number|decimal)\.ts)\/(?:protocol|transport|sigv4|checksum|event-stream|request-body|credentials|rules|retry|endpoint)\//.test(
        url,
      ),
    );
    assert.deepEqual(unwanted, []);
    assert.ok(loaded.length > 5 && loaded.length < 75, String(loaded.length));
  });

  it("loads CBOR, event streams and sources of bodies only with the calls that need them", async () => {
    await using server = await startServer(() => json({}));
    const text = await runProgram(`
      import { registerHooks } from "node:module";
      const loaded = [];
      registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
      const { Session } = await import(${JSON.stringify(packageUrl)});
      await ${sessionText(server.url)}.client("dynamodb").getItem(${JSON.stringify(input)});
      console.log(loaded.filter((url) => /cbor|event-stream|request-body|stream-payload|lazy-credentials|provider-chain/.test(url)).join());
    `);
    assert.equal(text, "\n");
  });
});
