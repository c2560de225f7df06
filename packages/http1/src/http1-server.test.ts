import assert from "node:assert/strict";
import { once } from "node:events";
import { Agent, request, type IncomingMessage, type RequestOptions } from "node:http";
import { connect, type Socket } from "node:net";
import { describe, test, type TestContext } from "node:test";
import type { Connection, Exchange } from "./exchange.ts";
import { Http1Server } from "./http1-server.ts";
import { latin1 } from "./memory-socket.test.ts";
import { GET } from "./messages.test.ts";
import type { Http1ServerOptions } from "./server-options.ts";

interface Started {
  readonly server: Http1Server;
  readonly port: number;
  readonly rejects: string[];
}

async function start(t: TestContext, options: Http1ServerOptions): Promise<Started> {
  const rejects: string[] = [];
  const onReject = (status: number, reason: string): unknown => rejects.push(`${status} ${reason}`);
  const server = new Http1Server({ onReject, ...options });
  t.after(() => server.destroy());
  const { port } = await server.listen({ host: "127.0.0.1", port: 0 });
  return { server, port, rejects };
}

/** Answers with what it got: the body, and as a header the trailers. */
function echo(exchange: Exchange): void {
  const pieces: Uint8Array[] = [];
  exchange.receive({
    data: (piece) => pieces.push(piece),
    end: (trailers) => exchange.reply(200, `X-Trailer: ${trailers.get("x-t") ?? ""}\r\n`, pieces),
    aborted: () => {},
  });
}

async function dial(t: TestContext, port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  t.after(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

/** Everything that the server sends until it closes its side. */
async function readAll(socket: Socket): Promise<string> {
  let text = "";
  for await (const chunk of socket) text += latin1(chunk as Buffer);
  return text;
}

async function send(
  options: RequestOptions,
  pieces: readonly (string | Buffer)[] = [],
  trailers?: Record<string, string>,
): Promise<{ message: IncomingMessage; body: Buffer }> {
  const outgoing = request({ host: "127.0.0.1", ...options });
  for (const piece of pieces) outgoing.write(piece);
  if (trailers !== undefined) outgoing.addTrailers(trailers);
  outgoing.end();
  const response = once(outgoing, "response");
  // A server that has answered need not take the rest.
  outgoing.on("error", () => {});
  const [message] = (await response) as [IncomingMessage];
  const body = Buffer.concat(await message.toArray());
  return { message, body };
}

describe("Http1Server", () => {
  test("serves the client of node:http over one kept connection", async (t) => {
    const peers = new Set<Connection>();
    const onRequest = (exchange: Exchange): void => {
      peers.add(exchange.connection);
      echo(exchange);
    };
    const { server, port } = await start(t, { onRequest });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    t.after(() => agent.destroy());
    const options = { port, agent, method: "POST" };
    for (const size of [0, 1, 100, 16_384, 70_000, 3_000_000]) {
      const { message, body } = await send(options, [Buffer.alloc(size, "x")]);
      assert.equal(message.statusCode, 200);
      assert.ok(Math.abs(Date.parse(message.headers.date ?? "") - Date.now()) < 60_000);
      assert.ok(body.equals(Buffer.alloc(size, "x")), `${size} bytes`);
      assert.equal(server.connections, 1);
      assert.deepEqual(new Set(server.peers), peers);
    }
    const { message, body } = await send(
      { ...options, headers: { "Transfer-Encoding": "chunked", Trailer: "X-T" } },
      ["a", "b", Buffer.alloc(200_000, "c")],
      { "X-T": "1" },
    );
    assert.equal(body.length, 200_002);
    assert.equal(message.headers["x-trailer"], "1");
    assert.equal(server.connections, 1);
  });

  test("HT-5: a client that sends 20 MB still reads the 413 that came before", async (t) => {
    const { port } = await start(t, { onRequest: (exchange) => exchange.reply(413, "", "no") });
    const { message, body } = await send({ port, method: "POST" }, [Buffer.alloc(20_000_000)]);
    assert.equal(message.statusCode, 413);
    assert.equal(message.headers.connection, "close");
    assert.equal(body.toString(), "no");
  });

  test("passes 32 MiB through a receiver that pauses at every piece", async (t) => {
    let length = 0;
    const { port } = await start(t, {
      onRequest: (exchange) => {
        exchange.receive({
          data: (piece) => {
            length += piece.length;
            exchange.pause();
            setImmediate(() => exchange.resume());
          },
          end: () => exchange.reply(200, "", String(length)),
          aborted: (reason) => exchange.reply(400, "", reason),
        });
      },
    });
    const mebibyte = Buffer.alloc(1024 * 1024);
    const { body } = await send(
      { port, method: "POST", headers: { "Transfer-Encoding": "chunked" } },
      Array.from({ length: 32 }, () => mebibyte),
    );
    assert.equal(body.toString(), String(32 * 1024 * 1024));
  });

  test("a paused exchange makes the client wait, and no other", async (t) => {
    const paused = Promise.withResolvers<Exchange>();
    let received = 0;
    const { port } = await start(t, {
      onRequest: (exchange) => {
        if (exchange.path === "/echo") return echo(exchange);
        exchange.receive({
          data: (piece) => {
            received += piece.length;
          },
          end: () => exchange.reply(200, ""),
          aborted: () => {},
        });
        exchange.pause();
        paused.resolve(exchange);
      },
    });
    const socket = await dial(t, port);
    const length = 64_000_000;
    socket.write(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`);
    for (let sent = 0; sent < length; sent += 1_000_000) socket.write(Buffer.alloc(1_000_000));
    const exchange = await paused.promise;
    const { body } = await send({ port, path: "/echo", method: "POST" }, [Buffer.alloc(5_000_000)]);
    assert.equal(body.length, 5_000_000);
    assert.equal(received, 0);
    assert.ok(socket.writableLength > 0);
    exchange.resume();
    const [reply] = (await once(socket, "data")) as [Buffer];
    assert.match(latin1(reply), /^HTTP\/1\.1 200 OK/);
    assert.equal(received, length);
  });

  test("a streamed reply waits for a client that does not read", async (t) => {
    const chunk = Buffer.alloc(1_000_000, "x");
    let written = 0;
    const { port } = await start(t, {
      onRequest: (exchange) => {
        exchange.startReply(200, "");
        const pump = (): void => {
          while (written < 32) {
            written += 1;
            if (!exchange.write(chunk)) return exchange.onDrain(pump);
          }
          exchange.endReply();
        };
        pump();
        assert.ok(written < 32);
      },
    });
    const { message, body } = await send({ port });
    assert.equal(message.statusCode, 200);
    assert.equal(body.length, 32_000_000);
  });

  test("HT-7: a connection that is reset aborts the body", async (t) => {
    const aborted = Promise.withResolvers<string>();
    const { server, port } = await start(t, {
      onRequest: (exchange) => {
        exchange.receive({
          data: () => socket.resetAndDestroy(),
          end: () => {},
          aborted: aborted.resolve,
        });
      },
    });
    const socket = await dial(t, port);
    socket.write("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc");
    assert.equal(await aborted.promise, "The connection was lost");
    await server.close();
    assert.equal(server.connections, 0);
  });

  test("HT-1: a client that leaves while it waits is announced", async (t) => {
    const left = Promise.withResolvers<void>();
    const waiting = Promise.withResolvers<void>();
    const { port } = await start(t, {
      onRequest: (exchange) => {
        exchange.connection.onClose(left.resolve);
        assert.equal(exchange.connection.remoteAddress, "127.0.0.1");
        waiting.resolve();
      },
    });
    const socket = await dial(t, port);
    socket.write(GET);
    await waiting.promise;
    socket.destroy();
    await left.promise;
  });

  const WAITS: readonly {
    readonly name: string;
    readonly options: Partial<Http1ServerOptions>;
    readonly input: string;
    readonly reply: RegExp;
  }[] = [
    {
      name: "408 for a slow head",
      options: { headTimeoutMs: 50 },
      input: "GET /",
      reply: /^HTTP\/1\.1 408 /,
    },
    {
      name: "408 for a slow body",
      options: { bodyTimeoutMs: 50 },
      input: "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc",
      reply: /^HTTP\/1\.1 408 /,
    },
    {
      name: "nothing for an idle connection",
      options: { idleTimeoutMs: 50 },
      input: "",
      reply: /^$/,
    },
  ];
  for (const { name, options, input, reply } of WAITS) {
    test(`HT-14: ${name}`, async (t) => {
      const { port } = await start(t, { onRequest: echo, ...options });
      const socket = await dial(t, port);
      if (input !== "") socket.write(input);
      assert.match(await readAll(socket), reply);
    });
  }

  test("a peer that neither reads its reply nor leaves is cut off", async (t) => {
    const { server, port } = await start(t, {
      onRequest: (exchange) => exchange.reply(200, "", Buffer.alloc(64_000_000)),
      stallTimeoutMs: 50,
    });
    const socket = await dial(t, port);
    socket.on("error", () => {});
    socket.pause();
    socket.write(GET);
    while (server.connections === 0) await new Promise(setImmediate);
    while (server.connections > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  });

  test("§3: connections above the limit are answered with 503", async (t) => {
    const { server, port, rejects } = await start(t, { onRequest: echo, connectionsMax: 1 });
    const first = await dial(t, port);
    first.write(GET);
    await once(first, "data");
    const surplus = await dial(t, port);
    const reply = await readAll(surplus);
    assert.match(reply, /^HTTP\/1\.1 503 Service Unavailable\r\n.*Connection: close\r\n\r\n$/s);
    assert.deepEqual(rejects, ["503 Too many connections"]);
    assert.equal(server.connections, 1);
    first.destroy();
    while (server.connections > 0) await new Promise(setImmediate);
    const next = await dial(t, port);
    next.write(GET);
    const [answer] = (await once(next, "data")) as [Buffer];
    assert.match(latin1(answer), /^HTTP\/1\.1 200 /);
  });

  test("closeWithReply() says so in the reply, and ends the connection", async (t) => {
    const { port } = await start(t, {
      onRequest: (exchange) => {
        exchange.closeWithReply();
        exchange.reply(503, "");
      },
    });
    const socket = await dial(t, port);
    socket.write(GET);
    const answer = await readAll(socket);
    assert.match(answer, /^HTTP\/1\.1 503 [^]*\r\nConnection: close\r\n\r\n$/);
    assert.equal(answer.match(/Connection: close/g)?.length, 1);
  });

  test("close() ends idle connections, lets a reply finish, and accepts no more", async (t) => {
    const exchanges: Exchange[] = [];
    const { server, port } = await start(t, { onRequest: (exchange) => exchanges.push(exchange) });
    const idle = await dial(t, port);
    const busy = await dial(t, port);
    busy.write(GET);
    while (exchanges.length === 0 || server.connections < 2) await new Promise(setImmediate);
    const closed = server.close();
    assert.equal(server.close(), closed);
    assert.equal(await readAll(idle), "");
    await assert.rejects(dial(t, port), /ECONNREFUSED/);
    exchanges[0]!.reply(200, "", "last");
    assert.match(await readAll(busy), /Connection: close\r\n\r\nlast$/);
    busy.end();
    await closed;
  });

  test("destroy() ends every connection", async (t) => {
    const { server, port } = await start(t, { onRequest: () => {} });
    const socket = await dial(t, port);
    socket.on("error", () => {});
    socket.write(GET);
    while (server.connections === 0) await new Promise(setImmediate);
    const gone = new Promise((resolve) => socket.once("close", resolve));
    socket.resume();
    socket.end();
    server.destroy();
    await gone;
    await server.close();
    assert.equal(server.connections, 0);
  });

  test("listen() rejects when the port is taken", async (t) => {
    const { port } = await start(t, { onRequest: echo });
    const second = new Http1Server({ onRequest: echo });
    await assert.rejects(second.listen({ host: "127.0.0.1", port }), /EADDRINUSE/);
  });
});
