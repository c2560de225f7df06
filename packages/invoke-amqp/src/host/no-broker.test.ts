import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import { BrokerError } from "../broker/broker-error.ts";
import { connect } from "../caller/connect.ts";

/** Something that listens where a broker should, and is none. */
async function listen(t: TestContext, serve: (socket: Socket) => void): Promise<number> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    t.after(() => socket.destroy());
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => server.close());
  return (server.address() as AddressInfo).port;
}

const start = Buffer.from([1, 0, 0, 0, 0, 0, 4, 0, 10, 0, 10, 0xce]);

/** A frame of which a byte comes now and then. */
function trickle(socket: Socket): void {
  socket.write(Buffer.from([1, 0, 0, 0, 0x10, 0, 0]));
  const timer = setInterval(() => socket.write("x"), 20);
  socket.on("close", () => clearInterval(timer));
}

const impostors: readonly (readonly [what: string, serve: (socket: Socket) => void])[] = [
  ["says nothing", () => undefined],
  ["closes at once", (socket) => socket.end()],
  ["resets at once", (socket) => socket.resetAndDestroy()],
  ["speaks HTTP", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")],
  ["speaks another version", (socket) => socket.end("AMQP\0\u0001\0\0")],
  ["sends bytes for ever", (socket) => void socket.write(Buffer.alloc(1_000_000, 0x41))],
  ["breaks off within the handshake", (socket) => socket.end(start.subarray(0, 9))],
  ["sends a method without its fields", (socket) => void socket.write(start)],
  ["never comes to an end, byte by byte", trickle],
  [
    "announces a frame of 4 GiB",
    (socket) => void socket.write(Buffer.from([1, 0, 0, 0xff, 0xff, 0xff, 0xff, 0])),
  ],
];

describe("connect() to what is no broker", () => {
  for (const [what, serve] of impostors) {
    test(`fails in time when it ${what}, with host and port, and without the password`, async (t) => {
      const port = await listen(t, serve);
      const uri = `amqp://u:secret@127.0.0.1:${port}?connection_timeout=300`;
      await assert.rejects(connect(uri), (error) => {
        assert.ok(error instanceof BrokerError, String(error));
        assert.equal(error.kind, "unreachable");
        assert.ok(error.message.includes(`127.0.0.1:${port}: `), error.message);
        assert.doesNotMatch(error.message, /secret|undefined|\n/);
        return true;
      });
    });
  }

  for (const [what, serve] of [
    ["says nothing", () => undefined],
    ["speaks AMQP without TLS", (socket: Socket) => void socket.write(start)],
  ] as const) {
    test(`fails in time with TLS when it ${what}`, async (t) => {
      const port = await listen(t, serve);
      const uri = `amqps://u:secret@127.0.0.1:${port}?connection_timeout=300`;
      await assert.rejects(connect(uri), (error) => {
        assert.ok(error instanceof BrokerError && error.kind === "unreachable", String(error));
        assert.doesNotMatch(error.message, /secret|undefined|\n/);
        return true;
      });
    });
  }

  test("fails for a name that nobody has", async () => {
    await assert.rejects(connect("amqp://no-such-host.invalid"), (error) => {
      assert.ok(error instanceof BrokerError);
      assert.match(error.message, /no-such-host\.invalid:5672: .*(ENOTFOUND|EAI_AGAIN)/);
      return true;
    });
  });
});
