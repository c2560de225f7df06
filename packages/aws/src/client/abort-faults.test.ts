import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { describe, it } from "node:test";
import {
  failure,
  failureOf,
  json,
  keys,
  response,
  sends,
  silence,
  startServer,
} from "./client-fixture.test.ts";
import { AbortError } from "./errors.ts";

const input = { TableName: "t", Key: { id: { S: "1" } } };
const reason = new Error("the user has left");

/** Checks an aborted call: its error, and that the signal has no listener any more. */
async function assertAborted(call: Promise<unknown>, { signal }: AbortController): Promise<void> {
  const error = await failureOf(call);
  assert.ok(error instanceof AbortError, String(error));
  assert.equal(error.cause, reason);
  assert.equal(error.name, "AbortError");
  assert.equal(getEventListeners(signal, "abort").length, 0);
}

describe("CL-16: aborts at every stage", { timeout: 30_000 }, () => {
  it("CL-16: before the start nothing is sent", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const controller = new AbortController();
    controller.abort(reason);
    await assertAborted(client.getItem(input, { signal: controller.signal }), controller);
    await client.getItem(input);
    await assertAborted(
      client.getItem(input, { abortSignal: controller.signal, timeout: 60_000 }),
      controller,
    );
    assert.equal(server.requests.length, 1);
  });

  it("CL-16: waiting for credentials", async () => {
    await using server = await startServer(() => json({}));
    const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
    const { promise: given, resolve: give } = Promise.withResolvers<typeof keys>();
    const credentials = (): Promise<typeof keys> => {
      onAsked();
      return given;
    };
    await using client = server.session().client("dynamodb", { credentials });
    const controller = new AbortController();
    const call = client.getItem(input, { signal: controller.signal });
    const other = client.getItem(input);
    await asked;
    controller.abort(reason);
    await assertAborted(call, controller);
    give(keys);
    await other;
    assert.equal(server.requests.length, 1);
  });

  it("CL-16: queued in a full pool", async () => {
    await using server = await startServer(() => silence);
    await using client = server.session().client("dynamodb", { maxConnections: 1 });
    const first = failureOf(client.getItem(input));
    await server.arrived(1);
    const controller = new AbortController();
    const call = client.getItem(input, { signal: controller.signal });
    controller.abort(reason);
    await assertAborted(call, controller);
    client.destroy();
    await first;
    assert.equal(server.requests.length, 1);
  });

  it("CL-16: connecting", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    // From here on a call begins to connect before it returns.
    await client.meta.endpoint();
    const controller = new AbortController();
    const call = client.getItem(input, { signal: controller.signal });
    controller.abort(reason);
    await assertAborted(call, controller);
    await client.getItem(input);
    assert.equal(server.requests.length, 1);
  });

  it("CL-16: sending", async () => {
    // The server reads nothing behind the first bytes.
    await using server = await startServer(() => silence);
    const { promise: sending, resolve: onSending } = Promise.withResolvers<void>();
    let isClosed = false;
    const endless = async function* (): AsyncGenerator<Uint8Array> {
      try {
        for (let i = 0; ; i++) {
          if (i === 2) onSending();
          yield Buffer.alloc(65_536);
        }
      } finally {
        isClosed = true;
      }
    };
    await using client = server.session().client("s3", { payloadSigning: true });
    const controller = new AbortController();
    const call = client.putObject(
      { Bucket: "b", Key: "k", Body: endless(), ContentLength: 2 ** 40 },
      { signal: controller.signal },
    );
    const end = failureOf(call);
    await sending;
    controller.abort(reason);
    await assertAborted(
      end.then((error) => Promise.reject(error as Error)),
      controller,
    );
    await server.closed();
    assert.ok(isClosed);
  });

  it("CL-16: hashing a source before it is sent", async () => {
    await using server = await startServer(() => response(200));
    const controller = new AbortController();
    let opened = 0;
    const Body = async function* (): AsyncGenerator<Uint8Array> {
      opened++;
      for (let i = 0; i < 1000; i++) {
        if (i === 2) controller.abort(reason);
        yield Buffer.alloc(16);
        await new Promise((resolve) => void setImmediate(resolve));
        assert.ok(i < 10, "it is read on");
      }
    };
    await using client = server.session().client("s3");
    const call = client.putObject(
      { Bucket: "b", Key: "k", Body, ContentLength: 16_000 },
      { signal: controller.signal },
    );
    await assertAborted(call, controller);
    assert.equal(opened, 1);
    assert.equal(server.requests.length, 0);
  });

  it("CL-16: waiting for the head frees the socket", async () => {
    await using server = await startServer(({ index }) => (index === 0 ? silence : json({})));
    await using client = server.session().client("dynamodb");
    const controller = new AbortController();
    const call = client.getItem(input, { signal: controller.signal });
    await server.arrived(1);
    assert.equal(getEventListeners(controller.signal, "abort").length, 1);
    controller.abort(reason);
    await assertAborted(call, controller);
    await server.closed();
    assert.equal((await client.getItem(input)).$metadata.attempts, 1);
  });

  it("CL-16: in a buffered body", async () => {
    const { promise: sent, resolve: onSent } = Promise.withResolvers<void>();
    await using server = await startServer(() => (socket) => {
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{", () => onSent());
    });
    await using client = server.session().client("dynamodb");
    const controller = new AbortController();
    const call = client.getItem(input, { signal: controller.signal });
    await sent;
    controller.abort(reason);
    await assertAborted(call, controller);
    await server.closed();
  });

  it("CL-16: in back-off", async () => {
    await using server = await startServer(() => failure("ThrottlingException", 400));
    const retry = { baseDelay: 20_000 };
    await using client = server.session().client("dynamodb", { retry });
    const controller = new AbortController();
    let wanted = 0;
    client.on("retry", ({ delay }) => {
      wanted = delay;
      queueMicrotask(() => controller.abort(reason));
    });
    const call = client.getItem(input, { signal: controller.signal });
    await assertAborted(call, controller);
    assert.equal(server.requests.length, 1);
    // Only what was waited counts.
    const error = (await failureOf(call)) as AbortError;
    assert.ok((error.$metadata?.totalRetryDelay ?? Infinity) < wanted);
  });

  it("CL-16: a streamed body that is half read", async () => {
    const half = sends("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc");
    await using server = await startServer(() => half);
    await using client = server.session().client("s3");
    const controller = new AbortController();
    const { signal } = controller;
    const { Body } = await client.getObject({ Bucket: "b", Key: "k" }, { body: "stream", signal });
    assert.equal(getEventListeners(signal, "abort").length, 1);
    const chunks: string[] = [];
    const read = async (): Promise<void> => {
      for await (const chunk of Body ?? []) {
        chunks.push(chunk.toString());
        controller.abort(reason);
      }
    };
    await assertAborted(read(), controller);
    assert.deepEqual(chunks, ["abc"]);
    await server.closed();
  });

  it("CL-16: a streamed body that nobody has touched yet", async () => {
    const half = sends("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n");
    await using server = await startServer(() => half);
    await using client = server.session().client("s3");
    const controller = new AbortController();
    const { signal } = controller;
    const { Body } = await client.getObject({ Bucket: "b", Key: "k" }, { body: "stream", signal });
    controller.abort(reason);
    await server.closed();
    await assertAborted(Body?.text() ?? Promise.resolve(), controller);
  });

  it("CL-16: after the end the signal has no listener and does nothing", async () => {
    await using server = await startServer(() => json({}));
    await using client = server.session().client("dynamodb");
    const controller = new AbortController();
    const { signal } = controller;
    await Promise.all(Array.from({ length: 50 }, () => client.getItem(input, { signal })));
    assert.equal(getEventListeners(signal, "abort").length, 0);
    controller.abort(reason);
    assert.ok(server.sockets.size > 0);
  });

  it("CL-16: destroy ends every stage with ClientClosedError and the cause", async () => {
    await using server = await startServer(() => silence);
    const client = server.session().client("dynamodb", { maxConnections: 2 });
    const calls = Array.from({ length: 6 }, () => failureOf(client.getItem(input)));
    await server.arrived(2);
    client.destroy(reason);
    const errors = await Promise.all(calls);
    for (const error of errors) {
      assert.equal((error as Error).name, "ClientClosedError");
      assert.equal((error as Error).cause, reason);
    }
    assert.equal(new Set(errors).size, 6);
    await server.closed();
    const late = (await failureOf(client.getItem(input))) as Error;
    assert.equal(late.name, "ClientClosedError");
    assert.equal(late.cause, reason);
  });

  it("CL-16: destroy while the client still starts", async () => {
    await using server = await startServer(() => json({}));
    const client = server.session().client("dynamodb");
    const call = failureOf(client.getItem(input));
    client.destroy(reason);
    assert.equal(((await call) as Error).name, "ClientClosedError");
    assert.equal(server.requests.length, 0);
  });
});
