import assert from "node:assert/strict";
import { createServer as createHttpServer } from "node:http";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test, type TestContext } from "node:test";
import { createServer as createTlsServer } from "node:tls";
import { ConfigurationError } from "../client/errors.ts";
import { HttpTransport } from "./http-transport.ts";
import { goesWithout, proxyFor } from "./proxy.ts";
import { makeAuthority, startTlsFixture } from "./tls-fixture.test.ts";
import {
  answering,
  newRequest,
  onRequests,
  originOf,
  Recorder,
  startFixture,
  testOptions,
  type Outcome,
} from "./transport-fixture.test.ts";
import type { Origin, Transport, TransportOptions } from "./transport.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

const rules: [noProxy: string, host: string, port: number, without: boolean][] = [
  ["", "a.test", 80, false],
  ["*", "a.test", 80, true],
  ["a.test", "a.test", 80, true],
  ["A.TEST", "a.test", 80, true],
  ["a.test", "A.Test.", 80, true],
  ["a.test", "b.a.test", 80, true],
  [".a.test", "b.a.test", 80, true],
  ["*.a.test", "b.a.test", 80, true],
  ["a.test", "ba.test", 80, false],
  ["a.test", "a.test.evil", 80, false],
  ["x, a.test", "a.test", 80, true],
  ["x a.test", "a.test", 80, true],
  ["a.test:443", "a.test", 443, true],
  ["a.test:443", "a.test", 80, false],
  ["127.0.0.1", "127.0.0.1", 80, true],
  ["127.0.0.1:80", "127.0.0.1", 80, true],
  ["127.0.0.1:81", "127.0.0.1", 80, false],
  ["0.0.1", "127.0.0.1", 80, false],
  ["::1", "::1", 80, true],
  ["[::1]", "::1", 80, true],
  ["[::1]:80", "::1", 80, true],
  ["[::1]:81", "::1", 80, false],
  ["fe80::1:80", "fe80::1:80", 443, true],
  [".", "a.test", 80, false],
];
for (const [noProxy, host, port, without] of rules) {
  test(`goesWithout() says ${without} for ${host}:${port} and NO_PROXY="${noProxy}"`, () => {
    assert.equal(goesWithout({ host, port }, noProxy), without);
  });
}

test("proxyFor() takes the proxy of the protocol, with its port and credentials", () => {
  const proxies = { http: "plain.test:3128", https: "https://us%40er:p%3Aw@[::1]" };
  assert.deepEqual(proxyFor(originOf(80), proxies), {
    isTls: false,
    host: "plain.test",
    port: 3128,
    lines: "",
  });
  assert.deepEqual(proxyFor(originOf(443, "https:"), proxies), {
    isTls: true,
    host: "::1",
    port: 443,
    lines: `proxy-authorization: Basic ${Buffer.from("us@er:p:w").toString("base64")}\r\n`,
  });
  assert.equal(proxyFor(originOf(80), { https: "x" }), undefined);
});

for (const url of ["socks5://h", "http://", "http://a b"]) {
  test(`proxyFor() refuses ${url}`, () => {
    assert.throws(() => proxyFor(originOf(80), { http: url }), ConfigurationError);
  });
}

interface ProxyServer {
  readonly url: string;
  readonly requests: string[];
}

/** A proxy that opens tunnels, or answers each CONNECT with `answer`. */
async function startProxy(t: TestContext, isTls = false, answer?: string): Promise<ProxyServer> {
  const requests: string[] = [];
  const sockets = new Set<Socket>();
  const onSocket = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.once("data", (chunk: Buffer) => {
      const request = chunk.toString("latin1");
      requests.push(request);
      const [, host, port] = /^CONNECT (.*):(\d+) /.exec(request) ?? [];
      if (answer !== undefined) {
        socket.write(answer);
        return;
      }
      const onward = connect({ host: host ?? "", port: Number(port) }, () => {
        socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      sockets.add(onward);
      onward.on("error", () => socket.destroy());
      socket.on("close", () => onward.destroy());
    });
  };
  const server = isTls ? createTlsServer(makeAuthority(), onSocket) : createServer(onSocket);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${isTls ? "https" : "http"}://user:pass@127.0.0.1:${port}`, requests };
}

function newTransport(t: TestContext, options: Partial<TransportOptions>): Transport {
  const transport = new HttpTransport({ ...testOptions, ca: makeAuthority().ca, ...options });
  t.after(() => transport.close());
  return transport;
}

function sendOn(transport: Transport, origin: Origin, fields = {}): Promise<Outcome> {
  const recorder = new Recorder();
  transport.send(origin, newRequest(fields), recorder);
  return recorder.ended;
}

for (const isTls of [false, true]) {
  const kind = isTls ? "https" : "http";
  test(`send() tunnels TLS through an ${kind} proxy, and keeps the tunnel`, async (t) => {
    const proxy = await startProxy(t, isTls);
    const fixture = await startTlsFixture((socket) => {
      onRequests(socket, (request) => {
        const body = request.slice(request.indexOf("\r\n\r\n") + 4);
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, "latin1");
      });
    });
    t.after(() => fixture.close());
    const transport = newTransport(t, { proxy: { https: proxy.url } });
    for (const size of [1, 100_000, 3_000_000]) {
      const bytes = new Uint8Array(size).fill(size & 0xff);
      const outcome = await sendOn(transport, fixture.origin, { method: "PUT", body: bytes });
      assert.equal(outcome.error, undefined);
      assert.ok(Buffer.from(outcome.body, "latin1").equals(bytes));
    }
    assert.equal(fixture.sockets.length, 1);
    const { port } = fixture.origin;
    assert.deepEqual(proxy.requests, [
      `CONNECT 127.0.0.1:${port} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nproxy-authorization: Basic dXNlcjpwYXNz\r\n\r\n`,
    ]);
  });
}

test("send() checks the certificate of the origin, not of the proxy", async (t) => {
  const proxy = await startProxy(t);
  const fixture = await startTlsFixture(answering(ok));
  t.after(() => fixture.close());
  const transport = newTransport(t, { proxy: { https: proxy.url } });
  const { error } = await sendOn(transport, { ...fixture.origin, host: "localhost" });
  assert.match(error?.message ?? "", /certificate is for another name/);
});

const refusals: [name: string, answer: string, message: RegExp][] = [
  [
    "407",
    "HTTP/1.1 407 Proxy Authentication Required\r\n\r\n",
    /it answered 407; check its URL and credentials/,
  ],
  ["other bytes", "nonsense\r\n\r\n", /status line is "nonsense"/],
  ["bytes behind its answer", "HTTP/1.1 200 OK\r\n\r\nx", /sent bytes before it was asked to/],
  ["an endless head", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(70_000)}`, /too long/],
];
for (const [name, answer, message] of refusals) {
  test(`send() reports a proxy that answers CONNECT with ${name}`, async (t) => {
    const proxy = await startProxy(t, false, answer);
    const transport = newTransport(t, { proxy: { https: proxy.url } });
    const { error } = await sendOn(transport, originOf(9, "https:"));
    assert.equal(error?.name, "ConnectionError");
    assert.match(error?.message ?? "", message);
    assert.doesNotMatch(error?.message ?? "", /user|pass/);
  });
}

test("send() names the proxy when nothing listens there", async (t) => {
  const gone = await startFixture(() => {});
  await gone.close();
  const { port } = gone.origin;
  for (const protocol of ["http:", "https:"] as const) {
    const url = `http://user:secret@127.0.0.1:${port}`;
    const transport = newTransport(t, { proxy: { http: url, https: url } });
    const { error } = await sendOn(transport, originOf(9, protocol));
    assert.match(
      error?.message ?? "",
      new RegExp(
        `through the proxy 127\\.0\\.0\\.1:${port}: ECONNREFUSED: nothing listens there; check the proxy`,
      ),
    );
    assert.doesNotMatch(error?.message ?? "", /secret/);
  }
});

test("send() asks a proxy for plain HTTP in the absolute form", async (t) => {
  const seen: (string | undefined)[] = [];
  const server = createHttpServer((request, response) => {
    seen.push(request.url, request.headers.host, request.headers["proxy-authorization"]);
    response.end("hello");
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  t.after(() => server.closeAllConnections());
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const transport = newTransport(t, { proxy: { http: `http://user:pass@127.0.0.1:${port}` } });
  const origin = { ...originOf(80), host: "service.test" };
  const fields = { path: "/a?b=c", headers: ["host", "service.test"] };
  for (let i = 0; i < 2; i++) assert.equal((await sendOn(transport, origin, fields)).body, "hello");
  const once = ["http://service.test:80/a?b=c", "service.test", "Basic dXNlcjpwYXNz"];
  assert.deepEqual(seen, [...once, ...once]);
});
