import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { promisify } from "node:util";
import { acquireTransport } from "./acquire-transport.ts";
import { answering, onRequests, startFixture, testOptions } from "./transport-fixture.test.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

test("an idle connection ends after keepAliveTimeoutMs", async (t) => {
  const fixture = await startFixture(answering(ok), { keepAliveTimeoutMs: 50 });
  t.after(() => fixture.close());
  await fixture.send();
  assert.equal(fixture.transport.counts(fixture.origin).idle, 1);
  await new Promise((resolve) => {
    fixture.sockets[0]?.once("close", resolve);
  });
  assert.equal(fixture.transport.counts(fixture.origin).open, 0);
});

test("an idle connection is not used after a freeze, whatever the timers say", async (t) => {
  const fixture = await startFixture(answering(ok), { keepAliveTimeoutMs: 4000 });
  t.after(() => fixture.close());
  await Promise.all([fixture.send(), fixture.send()]);
  assert.equal(fixture.sockets.length, 2);
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 3900);
  await fixture.send();
  assert.equal(fixture.sockets.length, 2);
  t.mock.method(Date, "now", () => now() + 10_000);
  await fixture.send();
  assert.equal(fixture.sockets.length, 3);
  // Neither is one that became idle in the future.
  t.mock.method(Date, "now", now);
  await fixture.send();
  assert.equal(fixture.sockets.length, 4);
});

test("the server's Keep-Alive: timeout, less a second, replaces keepAliveTimeoutMs", async (t) => {
  const fixture = await startFixture(
    answering(ok.replace("\r\n", "\r\nKeep-Alive: timeout=11\r\n")),
    { keepAliveTimeoutMs: 1 },
  );
  t.after(() => fixture.close());
  await fixture.send();
  const { now } = Date;
  t.mock.method(Date, "now", () => now() + 9900);
  await fixture.send();
  assert.equal(fixture.sockets.length, 1);
  t.mock.method(Date, "now", () => now() + 9900 + 10_000);
  await fixture.send();
  assert.equal(fixture.sockets.length, 2);
});

test("connections are used again last in, first out", async (t) => {
  const used: number[] = [];
  const fixture = await startFixture((socket, index) => {
    onRequests(socket, () => {
      used.push(index);
      setImmediate(() => socket.write(ok));
    });
  });
  t.after(() => fixture.close());
  const all = await Promise.all([fixture.send(), fixture.send(), fixture.send()]);
  assert.equal(all.length, 3);
  const last = used.at(-1);
  used.length = 0;
  for (let i = 0; i < 3; i++) await fixture.send();
  assert.deepEqual(used, [last, last, last]);
});

test("a repeat goes on a fresh connection when the server has closed all (CL-17)", async (t) => {
  const fixture = await startFixture(answering(ok));
  t.after(() => fixture.close());
  await Promise.all([fixture.send(), fixture.send(), fixture.send()]);
  assert.equal(fixture.transport.counts(fixture.origin).idle, 3);
  for (const socket of fixture.sockets) socket.destroy();
  // Nothing has been heard of it yet.
  const { progress } = await fixture.send();
  assert.deepEqual(progress, { reused: true, answered: false, bodyStarted: false });
  assert.equal((await fixture.send()).error, undefined);
  assert.equal(fixture.sockets.length, 4);
});

const script = `
import { HttpTransport } from ${JSON.stringify(new URL("http-transport.ts", import.meta.url).href)};
const port = Number(process.argv[1]);
const transport = new HttpTransport({ maxConnections: 4, connectTimeoutMs: 60000, keepAliveTimeoutMs: 60000 });
const origin = { protocol: "http:", host: "localhost", port, hostHeader: "localhost" };
const request = { method: "GET", path: "/", headers: ["host", "a"], body: undefined,
  expectContinue: false, headTimeoutMs: 60000, bodyTimeoutMs: 60000 };
let left = 6;
for (let i = 0; i < 6; i++) transport.send(origin, request, {
  onHead() {}, onData() {}, onError(error) { console.log(error.message); },
  onEnd() { if (--left === 0) console.log("done"); },
});
`;

test("a process ends when its exchanges have, with idle connections, but not before (CL-16)", async (t) => {
  const server = createServer((_request, response) => {
    setTimeout(() => response.end("hello"), 100);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => server.close());
  t.after(() => server.closeAllConnections());
  const { port } = server.address() as AddressInfo;
  const args = ["--conditions=@lambdad/source", "--input-type=module", "-e", script, String(port)];
  // Far less than the connections' own 60 s; the limit only ends a run that failed.
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
  assert.equal(stdout, "done\n");
});

test("acquireTransport() shares a transport for equal options until the last release", async (t) => {
  const fixture = await startFixture(answering(ok));
  t.after(() => fixture.close());
  const first = acquireTransport(testOptions);
  const second = acquireTransport({ ...testOptions });
  const other = acquireTransport({ ...testOptions, maxConnections: 1 });
  assert.equal(first.transport, second.transport);
  assert.notEqual(first.transport, other.transport);
  first.release();
  first.release();
  assert.equal(acquireTransport(testOptions).transport, second.transport);
  other.release();
});
