import assert from "node:assert/strict";
import { PassThrough, Writable } from "node:stream";
import { describe, it } from "node:test";
import { hangUp, response, sends, sendsAndEnds, startServer } from "./client-fixture.test.ts";
import type { ResponseBody } from "./response-body.ts";

const object = { Bucket: "b", Key: "k" };
const text = '{"é":[1,2,3]}';

const readings: Readonly<Record<string, (body: ResponseBody) => Promise<unknown>>> = {
  bytes: async (body) => (await body.bytes()).toString(),
  text: (body) => body.text(),
  json: async (body) => JSON.stringify(await body.json()),
  arrayBuffer: async (body) => Buffer.from(await body.arrayBuffer()).toString(),
  blob: async (body) => (await body.blob()).text(),
  transformToByteArray: async (body) => (await body.transformToByteArray()).toString(),
  transformToString: (body) => body.transformToString(),
  transformToWebStream: (body) => new Response(body.transformToWebStream()).text(),
  webStream: (body) => new Response(body.webStream()).text(),
  async iterator(body) {
    const chunks: Buffer[] = [];
    for await (const chunk of body) chunks.push(chunk);
    return Buffer.concat(chunks).toString();
  },
  async stream(body) {
    const chunks: Buffer[] = [];
    for await (const chunk of body.stream()) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks).toString();
  },
  async pipe(body) {
    const target = new PassThrough();
    await body.pipe(target);
    return String(target.read());
  },
};

describe("bodies", { timeout: 30_000 }, () => {
  for (const mode of ["auto", "buffer", "stream"] as const) {
    for (const [name, read] of Object.entries(readings)) {
      it(`${name} of a body, ${mode}; read once`, async () => {
        await using server = await startServer(() => response(200, text));
        await using client = server.session().client("s3");
        const { Body } = await client.getObject(object, { body: mode });
        assert.equal(Body?.length, Buffer.byteLength(text));
        assert.equal(await read(Body), text);
        await assert.rejects(Body.bytes(), /it has been read or cancelled already/);
        await assert.rejects(async () => read(Body), TypeError);
      });
    }
  }

  it("of unknown length stream, in whatever mode but buffer", async () => {
    const chunked = sends(
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
    );
    await using server = await startServer(() => chunked);
    await using client = server.session().client("s3");
    const { Body } = await client.getObject(object);
    assert.equal(Body?.length, undefined);
    assert.equal(await Body?.text(), "abcde");
    const buffered = await client.getObject(object, { body: "buffer" });
    assert.equal(buffered.Body?.length, 5);
  });

  it("empty ones", async () => {
    await using server = await startServer(() => response(200));
    await using client = server.session().client("s3");
    for (const body of ["auto", "stream"] as const) {
      const { Body } = await client.getObject(object, { body });
      assert.equal(await Body?.text(), "");
    }
    assert.equal(server.accepted, 1);
  });

  it("json that is none", async () => {
    await using server = await startServer(() => response(200, "<html>"));
    await using client = server.session().client("s3");
    const { Body } = await client.getObject(object);
    await assert.rejects(Body?.json() ?? Promise.resolve(), {
      name: "ResponseParseError",
      body: "<html>",
    });
  });

  it("larger than bufferBodyBelow stream with back-pressure", async () => {
    const size = 32 * 1024 * 1024;
    let isDone = false;
    await using server = await startServer(() => (socket) => {
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${size}\r\n\r\n`);
      socket.write(Buffer.alloc(size), () => (isDone = true));
    });
    await using client = server.session().client("s3");
    const { Body } = await client.getObject(object);
    const iterator = Body?.[Symbol.asyncIterator]();
    let read = (await iterator?.next())?.value?.length ?? 0;
    // What nobody takes stays with the server.
    for (let i = 0; i < 20; i++) await new Promise((resolve) => void setTimeout(resolve, 5));
    assert.ok(!isDone);
    for await (const chunk of iterator ?? []) read += chunk.length;
    assert.equal(read, size);
    assert.ok(isDone);
  });

  it("cancel reads a little that is left and keeps the connection", async () => {
    await using server = await startServer(() => response(200, Buffer.alloc(50_000)));
    await using client = server.session().client("s3");
    for (let i = 0; i < 3; i++) {
      const { Body } = await client.getObject(object, { body: "stream" });
      await Body?.cancel();
      await assert.rejects(Body?.text() ?? Promise.resolve(), TypeError);
    }
    await client.getObject(object);
    assert.ok(server.accepted <= 2, String(server.accepted));
  });

  it("cancel closes the connection when much is left", async () => {
    const much = sends(`HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n${"a".repeat(100)}`);
    await using server = await startServer(() => much);
    await using client = server.session().client("s3");
    const { Body } = await client.getObject(object);
    await Body?.cancel();
    await server.closed();
  });

  it("`await using` cancels, break cancels", async () => {
    const much = sends(`HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n${"a".repeat(100)}`);
    await using server = await startServer(() => much);
    await using client = server.session().client("s3");
    {
      const output = await client.getObject(object);
      await using body = output.Body;
      assert.ok(body);
    }
    await server.closed();
    const { Body } = await client.getObject(object);
    for await (const chunk of Body ?? []) if (chunk.length > 0) break;
    await server.closed();
  });

  it("cancelled while it is read never looks complete", async () => {
    const much = sends(`HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n${"a".repeat(100)}`);
    await using server = await startServer(() => much);
    await using client = server.session().client("s3");
    for (const read of [readings["bytes"], readings["stream"], readings["webStream"]]) {
      const { Body } = await client.getObject(object);
      const end = assert.rejects(Promise.resolve(read?.(Body as ResponseBody)));
      await new Promise((resolve) => void setImmediate(resolve));
      await Body?.cancel();
      await end;
      await server.closed();
    }
  });

  it("pipe rejects when the target fails, and closes the connection", async () => {
    const much = sends(`HTTP/1.1 200 OK\r\ncontent-length: 9000000\r\n\r\n${"a".repeat(100)}`);
    await using server = await startServer(() => much);
    await using client = server.session().client("s3");
    const { Body } = await client.getObject(object);
    const full = new Writable({
      write: (_chunk, _encoding, done) => done(new Error("the disk is full")),
    });
    await assert.rejects(Body?.pipe(full) ?? Promise.resolve(), /the disk is full/);
    await server.closed();
  });

  it("body: stream of a failure is an error, not a stream", async () => {
    const answer = response(404, "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>");
    await using server = await startServer(() => answer);
    await using client = server.session().client("s3");
    const call = client.getObject(object, { body: "stream" });
    await assert.rejects(call, (error) => error instanceof client.errors.NoSuchKey);
  });

  it("a length that no memory holds is an error, and frees the connection", async () => {
    const huge = sends("HTTP/1.1 200 OK\r\ncontent-length: 900000000000000\r\n\r\nabc");
    await using server = await startServer(() => huge);
    await using client = server.session().client("s3", { maxAttempts: 1, bodyTimeout: 100 });
    const { Body } = await client.getObject(object);
    await assert.rejects(Body?.bytes() ?? Promise.resolve(), { name: "ResponseParseError" });
    await server.closed();
    await assert.rejects(client.getObject(object, { body: "buffer" }), { name: "TimeoutError" });
    await server.closed();
  });

  it("an answer without length ends with the connection", async () => {
    const open = sendsAndEnds("HTTP/1.1 200 OK\r\n\r\nabc");
    await using server = await startServer(({ index }) => (index === 0 ? open : hangUp));
    await using client = server.session().client("s3");
    assert.equal(await (await client.getObject(object)).Body?.text(), "abc");
  });
});
