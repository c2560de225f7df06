import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { HttpTransport } from "./http-transport.ts";
import { makeAuthority, startTlsFixture } from "./tls-fixture.test.ts";
import {
  newRequest,
  onRequests,
  originOf,
  Recorder,
  testOptions,
} from "./transport-fixture.test.ts";
import type { Origin } from "./transport.ts";

const ok = "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello";

interface Fixture {
  readonly transport: HttpTransport;
  readonly origin: Origin;
  /** Attempts after the first, whose handshakes are held back. */
  readonly held: { readonly socket: Socket; readonly release: () => void }[];
  /** Answers of requests that have arrived, in order. */
  readonly answers: (() => void)[];
  readonly send: (
    fields?: Parameters<typeof newRequest>[0],
  ) => Promise<{ error?: unknown; progress?: unknown }>;
}

/**
 * A TLS server whose first connection is made at once, and whose others stop in the handshake: so
 * that more attempts can be under way than exchanges wait.
 */
async function setUp(t: TestContext): Promise<Fixture> {
  const answers: (() => void)[] = [];
  const behind = await startTlsFixture((socket) => {
    onRequests(socket, () => answers.push(() => socket.write(ok)));
  });
  const held: Fixture["held"] = [];
  const sockets: Socket[] = [];
  const front = createServer((socket) => {
    socket.on("error", () => {});
    const release = (): void => {
      const inner = connect(behind.origin.port, "127.0.0.1");
      inner.on("error", () => {});
      inner.on("close", () => socket.destroy());
      socket.pipe(inner).pipe(socket);
    };
    if (sockets.push(socket) === 1) release();
    else held.push({ socket, release });
  });
  await new Promise<void>((resolve) => {
    front.listen(0, "127.0.0.1", resolve);
  });
  const { ca } = makeAuthority();
  const transport = new HttpTransport({ ...testOptions, ca });
  t.after(async () => {
    transport.close();
    for (const socket of sockets) socket.destroy();
    front.close();
    await behind.close();
  });
  const origin = originOf((front.address() as AddressInfo).port, "https:");
  return {
    transport,
    origin,
    held,
    answers,
    send: (fields) => {
      const recorder = new Recorder();
      transport.send(origin, newRequest(fields), recorder);
      return recorder.ended;
    },
  };
}

/** Another origin's exchange, begun after the attempt had failed, has failed: so has been heard what there is. */
async function settle(t: TestContext, transport: HttpTransport): Promise<false> {
  const closing = createServer((socket) => socket.resetAndDestroy());
  await new Promise<void>((resolve) => {
    closing.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => closing.close());
  for (let round = 0; round < 3; round++) {
    const recorder = new Recorder();
    transport.send(originOf((closing.address() as AddressInfo).port), newRequest(), recorder);
    await recorder.ended;
  }
  return false;
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

test("an attempt that nobody waits for fails unheard", async (t) => {
  const { transport, origin, send, held, answers } = await setUp(t);
  const first = send();
  await until(() => answers.length === 1);
  const [second, third] = [send(), send()];
  await until(() => held.length === 2);
  answers[0]?.();
  await first;
  // The second is on the first connection now; the third waits, with two attempts under way.
  await until(() => answers.length === 2);
  held[0]?.socket.resetAndDestroy();
  // The third either hears of it, or stays.
  const isRefused = await Promise.race([third.then(() => true), settle(t, transport)]);
  assert.equal(isRefused, false);
  assert.equal(transport.counts(origin).queued, 1);
  answers[1]?.();
  assert.equal((await second).error, undefined);
  await until(() => answers.length === 3);
  answers[2]?.();
  assert.equal((await third).error, undefined);
});

test("a connection that has waited in the pool without serving counts as reused (CL-17)", async (t) => {
  const { transport, origin, send, held, answers } = await setUp(t);
  const first = send();
  await until(() => answers.length === 1);
  const second = send();
  await until(() => held.length === 1);
  answers[0]?.();
  await first;
  await until(() => answers.length === 2);
  held[0]?.release();
  await until(() => transport.counts(origin).idle === 1);
  const third = send();
  await until(() => answers.length === 3);
  held[0]?.socket.destroy();
  assert.deepEqual((await third).progress, { reused: true, answered: false, bodyStarted: false });
  answers[1]?.();
  await second;
});
