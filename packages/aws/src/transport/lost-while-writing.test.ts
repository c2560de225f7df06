import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { startFixture } from "./transport-fixture.test.ts";
import type { StreamingBody } from "./transport.ts";

/** Pieces that are written without a look at the socket between them: so a write meets a closed peer first. */
function pieces(afterFirst: Promise<unknown>): StreamingBody {
  return {
    length: undefined,
    async *open() {
      yield new Uint8Array(10);
      await afterFirst;
      for (let i = 0; i < 20; i++) yield new Uint8Array(1000);
    },
  };
}

/** Reads the head of the request, does `then`, and closes. */
function onceAsked(then: (socket: Socket) => void): [(socket: Socket) => void, Promise<void>] {
  const { promise, resolve } = Promise.withResolvers<void>();
  const onSocket = (socket: Socket): void => {
    socket.once("data", () => {
      then(socket);
      socket.destroy();
      socket.once("close", resolve);
    });
  };
  return [onSocket, promise];
}

test("send() reads an answer that ends with the connection after a write has failed", async (t) => {
  const [onSocket, closed] = onceAsked((socket) => {
    socket.write("HTTP/1.1 413 Too Large\r\n\r\nno");
  });
  const fixture = await startFixture(onSocket);
  t.after(() => fixture.close());
  const { error, status, body } = await fixture.send({ method: "PUT", body: pieces(closed) });
  assert.equal(error, undefined);
  assert.equal(status, 413);
  assert.equal(body, "no");
});

const script = `
import { HttpTransport } from ${JSON.stringify(new URL("http-transport.ts", import.meta.url).href)};
const transport = new HttpTransport({ maxConnections: 4, connectTimeoutMs: 60000, keepAliveTimeoutMs: 60000 });
const origin = { protocol: "http:", host: "127.0.0.1", port: Number(process.argv[1]), hostHeader: "a" };
const body = { length: undefined, async *open() {
  yield new Uint8Array(10);
  // The server closes meanwhile, and this process does not look.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  for (let i = 0; i < 20; i++) yield new Uint8Array(1000);
} };
transport.send(origin, { method: "PUT", path: "/", headers: ["host", "a"], body,
  expectContinue: false, headTimeoutMs: 60000, bodyTimeoutMs: 60000 }, {
  onHead() {}, onData() {}, onEnd() {}, onError(error) { console.log(error.name); },
});
`;

test("a process does not end before it has heard that its peer has gone (CL-16)", async (t) => {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const args = ["--conditions=@lambdad/source", "--input-type=module", "-e", script, String(port)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  assert.equal(stdout, "ConnectionError\n");
});
