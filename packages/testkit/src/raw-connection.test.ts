import assert from "node:assert/strict";
import { createServer, type Server, type Socket } from "node:net";
import { type TestContext, test } from "node:test";

import { RawConnection, rawRequest } from "./raw-connection.ts";

async function serve(t: TestContext, onData: (socket: Socket, text: string) => void) {
  const server: Server = createServer((socket) => {
    socket.on("data", (chunk) => {
      onData(socket, chunk.toString("latin1"));
    });
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => server.close());
  const address = server.address();
  assert.ok(address !== null && typeof address === "object");
  return address.port;
}

test("rawRequest() reads a response with a length and gives the bytes untouched", async (t) => {
  const port = await serve(t, (socket, text) => {
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${text.length}\r\nA: 1\r\n\r\n${text}`);
  });
  const response = await rawRequest(port, "any bytes");
  assert.equal(response?.status, 200);
  assert.equal(response.body.toString(), "any bytes");
  assert.equal(response.headers["a"], "1");
  assert.ok(response.complete);
});

test("RawConnection.readResponse() reads pipelined responses, chunks and trailers", async (t) => {
  const port = await serve(t, (socket) => {
    socket.write("HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n");
    socket.write("Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n0\r\nX: y\r\n\r\n");
  });
  const connection = await RawConnection.open(port);
  t.after(() => connection.destroy());
  connection.send("x");
  assert.equal((await connection.readResponse())?.status, 202);
  const second = await connection.readResponse();
  assert.equal(second?.body.toString(), "abc");
  assert.equal(second.chunks.length, 2);
  assert.equal(second.trailers["x"], "y");
});

test("RawConnection.readResponse() tells a response that broke off from one that is complete", async (t) => {
  const port = await serve(t, (socket) => {
    socket.end("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
  });
  const response = await rawRequest(port, "x");
  assert.equal(response?.complete, false);
  assert.equal(response.body.toString(), "half");
});

test("rawRequest() gives undefined when the peer closes without a response", async (t) => {
  const port = await serve(t, (socket) => {
    socket.destroy();
  });
  assert.equal(await rawRequest(port, "x"), undefined);
});

test("RawConnection.readResponse() fails when nothing comes", async (t) => {
  const port = await serve(t, () => {});
  await assert.rejects(rawRequest(port, "x", { timeoutMs: 20 }), /nothing in 20 ms/);
});
