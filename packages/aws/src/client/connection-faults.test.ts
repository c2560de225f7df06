import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { describe, it } from "node:test";
import {
  failureOf,
  hangUp,
  json,
  reset,
  response,
  sends,
  sendsAndEnds,
  sendsAndResets,
  silence,
  startServer,
} from "./client-fixture.test.ts";
import { ConnectionError, ServiceError } from "./errors.ts";

const input = { TableName: "t", Key: { id: { S: "1" } } };

// A stream of bytes that can be read once.
async function* once(text: string, onEnd?: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (const char of text) yield Buffer.from(char);
  } finally {
    onEnd?.();
  }
}

describe("CL-17: a kept connection that the server closed", { timeout: 30_000 }, () => {
  it("CL-17: is replaced at once, at no cost", async () => {
    // The second request of the first connection finds it gone.
    await using server = await startServer(({ connection, turn }) =>
      connection === 0 && turn === 1 ? reset : json({}),
    );
    await using client = server.session().client("dynamodb", { maxAttempts: 1 });
    await client.getItem(input);
    const { $metadata } = await client.getItem(input);
    assert.equal($metadata.attempts, 2);
    assert.equal($metadata.totalRetryDelay, 0);
    assert.equal(server.accepted, 2);
  });

  it("CL-17: takes no tokens", async () => {
    await using server = await startServer(({ turn }) => (turn === 1 ? hangUp : json({})));
    await using client = server.session().client("dynamodb");
    // The quota has tokens for 35 retries that cost something.
    for (let i = 0; i < 100; i++) await client.getItem(input);
    assert.ok(server.accepted >= 50);
  });

  it("CL-17: is repeated once, never twice", async () => {
    // All kept connections are gone; what is asked on fresh ones is answered.
    let closing = false;
    await using server = await startServer(() => (closing ? reset : json({})));
    await using client = server.session().client("dynamodb", { maxAttempts: 1 });
    await Promise.all([1, 2, 3].map(() => client.getItem(input)));
    closing = true;
    const before = server.requests.length;
    const error = await failureOf(client.getItem(input));
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.code, "ECONNRESET");
    assert.equal(error.$metadata?.attempts, 2);
    assert.equal(server.requests.length - before, 2);
  });

  it("CL-17: not for a stream that has been read from (CL-6)", async () => {
    await using server = await startServer(({ turn }) => (turn === 1 ? reset : response(200)));
    await using client = server.session().client("s3", { payloadSigning: true });
    await client.headBucket({ Bucket: "b" });
    const call = client.putObject({ Bucket: "b", Key: "k", Body: once("abc"), ContentLength: 3 });
    const error = await failureOf(call);
    assert.ok(error instanceof ConnectionError);
    assert.equal(error.$metadata?.attempts, 1);
    assert.match(error.message, /PutObject was not retried because its body is a stream.*\(\) =>/);
    assert.equal(server.requests.length, 2);
  });
});

describe("CL-6: bodies and attempts", { timeout: 30_000 }, () => {
  const sources: readonly (readonly [string, () => unknown])[] = [
    ["text", () => "hello"],
    ["bytes", () => Buffer.from("hello")],
    ["an ArrayBuffer", () => new Uint8Array(Buffer.from("hello")).buffer],
    ["a Blob", () => new Blob(["hel", "lo"])],
    ["a list of bytes", () => [Buffer.from("hel"), Buffer.from("lo")]],
    ["a function that gives a stream", () => () => once("hello")],
    ["an async function that gives a stream", () => () => Promise.resolve(once("hello"))],
  ];
  for (const [name, source] of sources) {
    it(`CL-6: ${name} is sent again byte for byte`, async () => {
      await using server = await startServer(({ index }) => response(index < 2 ? 500 : 200));
      await using client = server.session().client("s3");
      const Body = source() as string;
      const output = await client.putObject({ Bucket: "b", Key: "k", Body, ContentLength: 5 });
      assert.equal(output.$metadata.attempts, 3);
      assert.deepEqual(
        server.requests.map(({ body }) => body.toString()),
        ["hello", "hello", "hello"],
      );
      assert.ok(server.requests.every(({ headers }) => headers["content-length"] === "5"));
    });
  }

  it("CL-6: a stream is sent once, in signed chunks where the option allows them", async () => {
    await using server = await startServer(() => response(200));
    await using client = server.session().client("s3", { payloadSigning: true });
    await client.putObject({ Bucket: "b", Key: "k", Body: once("abc"), ContentLength: 3 });
    const [request] = server.requests;
    assert.equal(request?.headers["x-amz-content-sha256"], "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
    assert.equal(request.headers["x-amz-decoded-content-length"], "3");
    assert.match(request.body.toString(), /^3;chunk-signature=[\da-f]{64}\r\nabc\r\n0;chunk-sig/);
  });

  it("CL-6: a stream over plain HTTP to a store that may not know chunks is refused", async () => {
    await using server = await startServer(() => response(200));
    await using client = server.session().client("s3");
    const Body = once("abc");
    await assert.rejects(client.putObject({ Bucket: "b", Key: "k", Body, ContentLength: 3 }), {
      name: "ParamValidationError",
      path: "Body",
      message: /give bytes, a file, or a function.*payloadSigning/,
    });
    assert.equal(server.requests.length, 0);
  });

  it("CL-6: a stream without length is refused", async () => {
    await using server = await startServer(() => response(200));
    await using client = server.session().client("s3");
    await assert.rejects(client.putObject({ Bucket: "b", Key: "k", Body: once("abc") }), {
      name: "ParamValidationError",
      message: /ContentLength/,
    });
  });

  it("CL-6: what a failed stream tells is learned: the clock, and the rate of adaptive retries", async () => {
    let now = Date.now() + 3_600_000;
    await using server = await startServer(({ index }) =>
      index === 0
        ? response(403, "<Error><Code>RequestTimeTooSkewed</Code></Error>", {
            date: new Date(now).toUTCString(),
          })
        : index === 1
          ? response(503, "<Error><Code>SlowDown</Code></Error>")
          : response(200),
    );
    const options = { payloadSigning: true, retryMode: "adaptive" } as const;
    await using client = server.session().client("s3", options);
    const put = (): Promise<unknown> =>
      client.putObject({ Bucket: "b", Key: "k", Body: once("a"), ContentLength: 1 });
    const error = (await failureOf(put())) as Error;
    assert.match(error.message, /not retried/);
    assert.match(((await failureOf(put())) as Error).message, /not retried/);
    const hour = new Date(now).toISOString().slice(0, 13).replaceAll("-", "");
    assert.ok(server.requests[1]?.headers["x-amz-date"]?.startsWith(hour));
    now = 0;
    const outputs = await Promise.all([1, 2].map(() => client.headBucket({ Bucket: "b" })));
    assert.ok(outputs.some(({ $metadata }) => $metadata.totalRetryDelay > 0));
  });

  it("CL-6: a source that fails, or has another length, is not asked again", async () => {
    await using server = await startServer(() => silence);
    await using client = server.session().client("s3");
    let opened = 0;
    const failing = async function* (): AsyncGenerator<Uint8Array> {
      opened++;
      yield Buffer.from("a");
      if (opened > 1) throw new Error("the disk is gone");
    };
    const target = { Bucket: "b", Key: "k" };
    // Read once for its digest, once to be sent.
    const error = await failureOf(client.putObject({ ...target, Body: failing, ContentLength: 2 }));
    assert.ok(error instanceof ConnectionError);
    assert.match(error.message, /the disk is gone/);
    assert.equal(error.code, "ERR_BODY_SOURCE");
    assert.equal(error.$metadata?.attempts, 1);
    assert.equal(opened, 2);
    const call = client.putObject({ ...target, Body: () => once("a"), ContentLength: 2 });
    const other = await failureOf(call);
    assert.equal((other as ConnectionError).code, "ERR_BODY_LENGTH");
    assert.equal((other as ConnectionError).$metadata?.attempts, 1);
  });

  it("CL-6: an answer before the body was sent ends the sending, and the source is closed", async () => {
    await using server = await startServer(() => response(200));
    let isClosed = false;
    // The server refuses when the head has arrived.
    const refuse = sends(
      response(403, "<Error><Code>AccessDenied</Code><Message>no</Message></Error>"),
    );
    await using refusing = await startEarly(refuse);
    await using client = server.session({ endpoint: refusing.url }).client("s3", {
      payloadSigning: true,
    });
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield Buffer.alloc(65_536);
      } finally {
        isClosed = true;
      }
    };
    const Body = endless();
    const call = client.putObject({ Bucket: "b", Key: "k", Body, ContentLength: 2 ** 40 });
    const error = await failureOf(call);
    assert.ok(error instanceof ServiceError, String(error));
    assert.equal(error.code, "AccessDenied");
    assert.ok(isClosed);
  });
});

describe("CL-8: cut answers", { timeout: 30_000 }, () => {
  const head = "HTTP/1.1 200 OK\r\n";
  const cut = sendsAndEnds(`${head}content-length: 10\r\n\r\n{`);
  const cutChunk = sendsAndEnds(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{`);
  const broken = sendsAndEnds(`${head}transfer-encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n`);
  const resetIn = sendsAndResets(`${head}content-length: 10\r\n\r\n{`);
  for (const [name, fault] of Object.entries({ cut, cutChunk, broken, resetIn })) {
    it(`CL-8: buffered (${name}): repeated, then ConnectionError`, async () => {
      await using server = await startServer(({ index }) => (index < 1 ? fault : json({})));
      await using client = server.session().client("dynamodb");
      assert.equal((await client.getItem(input)).$metadata.attempts, 2);
      await using other = await startServer(() => fault);
      await using failing = other.session().client("dynamodb");
      const error = await failureOf(failing.getItem(input));
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.$metadata?.attempts, 4);
      assert.equal(other.requests.length, 4);
    });

    it(`CL-8: streamed (${name}): the reader gets an error, never a clean end`, async () => {
      await using server = await startServer(() => fault);
      await using client = server.session().client("s3");
      const { Body, $metadata } = await client.getObject(
        { Bucket: "b", Key: "k" },
        { body: "stream" },
      );
      assert.equal($metadata.attempts, 1);
      await assert.rejects(Body?.bytes() ?? Promise.resolve(), { name: "ConnectionError" });
    });
  }

  it("CL-8: bytes behind the body are not taken for the next answer", async () => {
    await using server = await startServer(() =>
      Buffer.concat([json({ Item: {} }), response(200, '{"Item":{"evil":{"S":"1"}}}')]),
    );
    await using client = server.session().client("dynamodb");
    for (let i = 0; i < 5; i++) assert.deepEqual((await client.getItem(input)).Item, {});
  });
});

describe("CL-14: partial results", { timeout: 30_000 }, () => {
  it("CL-14: are data, and the call is not repeated", async () => {
    const UnprocessedKeys = { t: { Keys: [{ id: { S: "1" } }] } };
    await using server = await startServer(() => json({ Responses: {}, UnprocessedKeys }));
    await using client = server.session().client("dynamodb");
    const output = await client.batchGetItem({ RequestItems: { t: { Keys: [] } } });
    assert.deepEqual(output.UnprocessedKeys, UnprocessedKeys);
    assert.equal(output.$metadata.attempts, 1);
    assert.equal(server.requests.length, 1);
  });
});

describe("CL-7, CL-18: S3's own", { timeout: 30_000 }, () => {
  const errorBody =
    '<?xml version="1.0"?><Error><Code>InternalError</Code><Message>no</Message></Error>';

  it("CL-7: an error inside 200 is an error, and repeated", async () => {
    const good = "<CopyObjectResult><ETag>e</ETag></CopyObjectResult>";
    await using server = await startServer(({ index }) =>
      response(200, index < 1 ? errorBody : good),
    );
    await using client = server.session().client("s3");
    const output = await client.copyObject({ Bucket: "b", Key: "k", CopySource: "b/a" });
    assert.equal(output.$metadata.attempts, 2);
    assert.equal(output.CopyObjectResult?.ETag, "e");
    await using other = await startServer(() => response(200, errorBody));
    await using failing = other.session().client("s3");
    const error = await failureOf(
      failing.completeMultipartUpload({ Bucket: "b", Key: "k", UploadId: "u" }),
    );
    assert.ok(error instanceof ServiceError);
    assert.equal(error.code, "InternalError");
    assert.equal(error.$metadata?.attempts, 3);
  });

  it("CL-18: a wrong region is learned, signed again, once", async () => {
    await using server = await startServer(({ headers }) =>
      (headers["authorization"] ?? "").includes("/eu-west-1/s3/")
        ? response(200, "<ListBucketResult/>")
        : response(301, "<Error><Code>PermanentRedirect</Code></Error>", {
            "x-amz-bucket-region": "eu-west-1",
          }),
    );
    await using client = server.session().client("s3");
    assert.equal((await client.listObjectsV2({ Bucket: "b18" })).$metadata.attempts, 2);
    assert.equal((await client.listObjectsV2({ Bucket: "b18" })).$metadata.attempts, 1);
    assert.equal(server.requests.length, 3);
  });

  it("CL-18: a region that leads back is not followed twice", async () => {
    let to = "eu-west-1";
    await using server = await startServer(() => {
      const answer = response(301, "<Error><Code>PermanentRedirect</Code></Error>", {
        "x-amz-bucket-region": to,
      });
      to = to === "eu-west-1" ? "us-east-1" : "eu-west-1";
      return answer;
    });
    await using client = server.session().client("s3");
    await assert.rejects(client.listObjectsV2({ Bucket: "b19" }), { code: "PermanentRedirect" });
    assert.equal(server.requests.length, 2);
  });
});

/** A server that acts as soon as the head of a request has arrived. */
async function startEarly(
  act: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly url: string }> {
  const { createServer } = await import("node:net");
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => act(socket));
    socket.on("data", () => {});
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    [Symbol.asyncDispose]: async () => {
      await new Promise((resolve) => void server.close(resolve));
    },
  };
}
