import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import { HttpTransport } from "./http-transport.ts";
import { makeAuthority, startTlsFixture } from "./tls-fixture.test.ts";
import { newRequest, onRequests, startFixture, testOptions } from "./transport-fixture.test.ts";
import type { Exchange, Origin, ResponseHandler, Transport } from "./transport.ts";

const total = 48 * 1024 * 1024;
const piece = Buffer.alloc(256 * 1024, "x");

/** Sends a large body as fast as the client reads it, and counts what it could hand over. */
class Flood {
  written = 0;
  #isBlocked = false;

  start(socket: Socket): void {
    onRequests(socket, () => {
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${total}\r\n\r\n`);
      this.#pour(socket);
    });
    socket.on("drain", () => this.#pour(socket));
  }

  #pour(socket: Socket): void {
    this.#isBlocked = false;
    while (this.written < total && !this.#isBlocked) {
      this.#isBlocked = !socket.write(piece);
      this.written += piece.length;
    }
  }
}

/** Pauses at the head, and counts. */
class Counter implements ResponseHandler {
  readonly ended: Promise<void>;
  readonly #resolve: () => void;
  readonly #reject: (error: unknown) => void;
  exchange: Exchange | undefined;
  bytes = 0;
  isPaused = false;

  constructor() {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    [this.ended, this.#resolve, this.#reject] = [promise, resolve, reject];
  }

  onHead(): void {
    this.pause();
  }

  pause(): void {
    this.isPaused = true;
    this.exchange?.pause();
  }

  onData(chunk: Buffer): void {
    const before = this.bytes;
    this.bytes += chunk.length;
    // Now and then, a pause in the middle.
    if (before >> 22 !== this.bytes >> 22) {
      this.pause();
      setImmediate(() => this.resume());
    }
  }

  resume(): void {
    this.isPaused = false;
    this.exchange?.resume();
  }

  onEnd(): void {
    this.#resolve();
  }

  onError(error: unknown): void {
    this.#reject(error);
  }
}

async function check(transport: Transport, origin: Origin, flood: Flood): Promise<void> {
  const counter = new Counter();
  counter.exchange = transport.send(origin, newRequest(), counter);
  let [before, still] = [-1, 0];
  while (still < 10) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
    still = counter.isPaused && flood.written === before && before > 0 ? still + 1 : 0;
    before = flood.written;
  }
  assert.ok(flood.written < total / 2, `the server could send ${flood.written} bytes`);
  const atPause = counter.bytes;
  assert.ok(atPause <= 256 * 1024);
  counter.resume();
  await counter.ended;
  assert.equal(counter.bytes, total);
  assert.equal(transport.counts(origin).idle, 1);
}

test("pause() holds the server back, and resume() reads on", async (t) => {
  const flood = new Flood();
  const fixture = await startFixture((socket) => flood.start(socket));
  t.after(() => fixture.close());
  await check(fixture.transport, fixture.origin, flood);
});

test("pause() holds the server back under TLS, and resume() reads on", async (t) => {
  const flood = new Flood();
  const fixture = await startTlsFixture((socket) => flood.start(socket));
  const transport = new HttpTransport({ ...testOptions, ca: makeAuthority().ca });
  t.after(async () => {
    transport.close();
    await fixture.close();
  });
  await check(transport, fixture.origin, flood);
});

test("an exchange that ends paused leaves a connection that reads", async (t) => {
  const fixture = await startFixture((socket) => {
    onRequests(socket, () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"));
  });
  t.after(() => fixture.close());
  for (let i = 0; i < 3; i++) {
    const { exchange, recorder } = fixture.begin();
    recorder.hook = (event) => {
      if (event === "head") exchange.pause();
    };
    assert.equal((await recorder.ended).body, "hello");
  }
  assert.equal(fixture.sockets.length, 1);
});
