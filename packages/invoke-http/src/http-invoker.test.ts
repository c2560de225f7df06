import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { HostError, limits, payloadText } from "@lambdad/core";
import { CollectingStream, invocationOf, waitFor } from "@lambdad/testkit";
import { encodeEventStreamHeaders, encodeEventStreamMessage } from "./event-stream.ts";
import { HttpInvoker } from "./http-invoker.ts";

const event = Buffer.from("{}");
const never = new AbortController().signal;

/** A server that answers each request with the bytes given, and counts them. */
async function startPeer(
  t: TestContext,
  answer: (socket: Socket, request: string) => void,
): Promise<{ invoker: HttpInvoker; requests: string[]; endpoint: string }> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("data", (chunk) => {
      requests.push(chunk.toString("latin1"));
      answer(socket, chunk.toString("latin1"));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  const invoker = new HttpInvoker({ endpoint });
  t.after(async () => {
    await invoker.destroy();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { invoker, requests, endpoint };
}

function response(head: string, body: string | Uint8Array = ""): Buffer {
  const bytes = Buffer.from(body as string);
  return Buffer.concat([
    Buffer.from(`HTTP/1.1 ${head}\r\nContent-Length: ${bytes.byteLength}\r\n\r\n`),
    bytes,
  ]);
}

function message(headers: Record<string, string>, payload: string): Uint8Array {
  return encodeEventStreamMessage(encodeEventStreamHeaders(headers), Buffer.from(payload));
}

function isUnavailable(error: unknown): boolean {
  return error instanceof HostError && error.code === "ServiceUnavailable";
}

describe("HttpInvoker", () => {
  test("does no I/O before its first call, and refuses what is no URL", async () => {
    assert.throws(() => new HttpInvoker({ endpoint: "nonsense" }), TypeError);
    const invoker = new HttpInvoker({ endpoint: "http://127.0.0.1:1" });
    await invoker.close();
    await invoker.destroy();
  });

  test("sends the request below the path of its endpoint", async (t) => {
    const { requests, endpoint } = await startPeer(t, (socket) => {
      socket.write(response("200 OK\r\nX-Amz-Executed-Version: 3", "1"));
    });
    const invoker = new HttpInvoker({ endpoint: `${endpoint}/base/` });
    t.after(() => invoker.destroy());
    const result = await invoker.invoke(invocationOf(event), never);
    assert.equal(result.kind, "returned");
    assert.equal(payloadText(result.payload), "1");
    assert.equal(result.executedVersion, "3");
    assert.match(
      requests[0] ?? "",
      /^POST \/base\/2015-03-31\/functions\/contract\/invocations HTTP/,
    );
  });

  test("gives a host error as the host error that it was", async (t) => {
    const { invoker } = await startPeer(t, (socket) => {
      const head = "404 Not Found\r\nx-amzn-ErrorType: ResourceNotFoundException";
      socket.write(response(head, '{"Type":"User","Message":"Function not found: x"}'));
    });
    await assert.rejects(
      invoker.invoke(invocationOf(event), never),
      (error) =>
        error instanceof HostError &&
        error.code === "ResourceNotFoundException" &&
        error.message === "Function not found: x",
    );
  });

  test("fails when nothing listens, with the cause", async () => {
    const invoker = new HttpInvoker({ endpoint: "http://127.0.0.1:1" });
    await assert.rejects(invoker.invoke(invocationOf(event), never), (error) => {
      assert.ok(isUnavailable(error));
      assert.ok(error instanceof HostError && error.cause instanceof Error);
      return true;
    });
    await invoker.destroy();
  });

  for (const [what, answer] of [
    ["the connection is lost before an answer", ""],
    ["the head is cut off", "HTTP/1.1 200 O"],
    ["the body is cut off", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345"],
    ["the answer is no HTTP", "SSH-2.0-x\r\n\r\n"],
  ] as const) {
    test(`fails when ${what}, and does not send it again (INV-3)`, async (t) => {
      const { invoker, requests } = await startPeer(t, (socket) => socket.end(answer));
      await assert.rejects(invoker.invoke(invocationOf(event), never), isUnavailable);
      assert.equal(requests.length, 1);
    });
  }

  test("fails when the answer takes too long", async (t) => {
    const { endpoint, requests } = await startPeer(t, () => {});
    const invoker = new HttpInvoker({ endpoint, responseTimeoutMs: 50 });
    await assert.rejects(invoker.invoke(invocationOf(event), never), isUnavailable);
    assert.equal(requests.length, 1);
    await invoker.destroy();
  });

  test("takes no response over the limit (INV-8)", async (t) => {
    const body = Buffer.alloc(limits.syncPayloadBytesMax + 1, "1");
    const { invoker } = await startPeer(t, (socket) => socket.write(response("200 OK", body)));
    await assert.rejects(invoker.invoke(invocationOf(event), never), isUnavailable);
  });

  test("ends its request when the caller leaves (HT-1)", async (t) => {
    let closed = 0;
    const { invoker, requests } = await startPeer(t, (socket) =>
      socket.once("close", () => closed++),
    );
    const caller = new AbortController();
    const call = invoker.invoke(invocationOf(event), caller.signal);
    await waitFor(() => requests.length === 1);
    const reason = new Error("gone");
    caller.abort(reason);
    await assert.rejects(call, (error) => error === reason);
    await waitFor(() => closed === 1);
  });

  test("throws the caller's reason also when that is no Error", async (t) => {
    const { invoker, requests } = await startPeer(t, () => {});
    const caller = new AbortController();
    const call = invoker.invoke(invocationOf(event), caller.signal);
    await waitFor(() => requests.length === 1);
    caller.abort("gone");
    await assert.rejects(call, (error) => error === "gone");
  });
});

describe("HttpInvoker with a stream", () => {
  const chunk = { ":message-type": "event", ":event-type": "PayloadChunk" };
  const complete = { ":message-type": "event", ":event-type": "InvokeComplete" };

  test("gives AWS's error after the start as the error of the stream", async (t) => {
    const { invoker } = await startPeer(t, (socket) => {
      const messages = [message(chunk, "some"), message(complete, '{"ErrorCode":"Unhandled"}')];
      socket.write(response("200 OK", Buffer.concat(messages)));
    });
    const stream = new CollectingStream();
    const result = await invoker.invoke(invocationOf(event, { stream }), never);
    assert.equal(result.kind, "streamed");
    assert.equal(result.error?.errorType, "Unhandled");
    assert.equal(stream.bytes.toString(), "some");
  });

  test("throws what an exception message says", async (t) => {
    const headers = { ":message-type": "exception", ":exception-type": "ServiceException" };
    const { invoker } = await startPeer(t, (socket) => {
      socket.write(response("200 OK", message(headers, '{"message":"broken"}')));
    });
    await assert.rejects(
      invoker.invoke(invocationOf(event, { stream: new CollectingStream() }), never),
      (error) => error instanceof HostError && error.message === "broken",
    );
  });

  for (const [what, body] of [
    ["it ends without InvokeComplete", message(chunk, "some")],
    ["it ends inside a message", message(chunk, "some").subarray(0, -1)],
    ["it is no event stream", Buffer.from("data: this is another kind of stream\n\n")],
  ] as const) {
    test(`fails when ${what}`, async (t) => {
      const { invoker } = await startPeer(t, (socket) => socket.write(response("200 OK", body)));
      const stream = new CollectingStream();
      await assert.rejects(invoker.invoke(invocationOf(event, { stream }), never), isUnavailable);
    });
  }

  test("steps over messages that it does not know", async (t) => {
    const { invoker } = await startPeer(t, (socket) => {
      const other = message({ ":message-type": "event", ":event-type": "New" }, "x");
      socket.write(response("200 OK", Buffer.concat([other, message(complete, "{}")])));
    });
    const stream = new CollectingStream();
    const result = await invoker.invoke(invocationOf(event, { stream }), never);
    assert.equal(result.kind === "streamed" && result.error, undefined);
    assert.equal(stream.bytes.byteLength, 0);
  });
});
