import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { TlsOptions, TLSSocket } from "node:tls";
import { HttpTransport } from "./http-transport.ts";
import { makeAuthority, startTlsFixture, type TlsFixture } from "./tls-fixture.test.ts";
import {
  answering,
  newRequest,
  onRequests,
  Recorder,
  startFixture,
  testOptions,
  type Outcome,
} from "./transport-fixture.test.ts";
import type { HttpRequest, Origin, TransportOptions } from "./transport.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
const closing = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello";

interface Setup {
  readonly fixture: TlsFixture;
  readonly transport: HttpTransport;
  readonly send: (request?: Partial<HttpRequest>, origin?: Origin) => Promise<Outcome>;
}

async function setUp(
  t: TestContext,
  onSocket: (socket: TLSSocket) => void,
  client: Partial<TransportOptions> = {},
  server: TlsOptions = {},
): Promise<Setup> {
  const { ca } = makeAuthority();
  const fixture = await startTlsFixture(onSocket, server);
  const transport = new HttpTransport({ ...testOptions, ca, ...client });
  t.after(async () => {
    transport.close();
    await fixture.close();
  });
  return {
    fixture,
    transport,
    send: (request, origin = fixture.origin) => {
      const recorder = new Recorder();
      transport.send(origin, newRequest(request), recorder);
      return recorder.ended;
    },
  };
}

test("send() speaks TLS with a server of the given authority, and keeps the connection", async (t) => {
  const { fixture, send } = await setUp(
    t,
    answering(ok),
    {},
    { ALPNProtocols: ["h2", "http/1.1"] },
  );
  for (let i = 0; i < 3; i++) {
    const outcome = await send({ method: "PUT", body: `text ${i}` });
    assert.equal(outcome.error, undefined);
    assert.equal(outcome.body, "hello");
  }
  assert.equal(fixture.sockets.length, 1);
  assert.equal(fixture.sockets[0]?.alpnProtocol, "http/1.1");
  assert.equal(fixture.sockets[0]?.servername, false);
});

test("send() names the server (SNI) when the origin is a name", async (t) => {
  const { fixture, send } = await setUp(t, answering(ok), {
    // The proxy is not there: only names that go without it are reached.
    proxy: { https: "http://127.0.0.1:1", noProxy: "localhost" },
    rejectUnauthorized: false,
  });
  const outcome = await send({}, { ...fixture.origin, host: "localhost" });
  assert.equal(outcome.error, undefined);
  assert.equal(fixture.sockets[0]?.servername, "localhost");
});

test("send() resumes the TLS session on the next connection", async (t) => {
  const reused: boolean[] = [];
  const { send } = await setUp(t, (socket) => {
    reused.push(socket.isSessionReused());
    answering(closing)(socket);
  });
  for (let i = 0; i < 3; i++) assert.equal((await send()).body, "hello");
  assert.deepEqual(reused, [false, true, true]);
});

test("send() shows its own certificate", async (t) => {
  const { ca, clientCert, clientKey } = makeAuthority();
  const server = { requestCert: true, rejectUnauthorized: true, ca };
  const client = { cert: clientCert, key: clientKey };
  const { fixture, send } = await setUp(t, answering(ok), client, server);
  assert.equal((await send()).status, 200);
  assert.equal(fixture.sockets[0]?.getPeerCertificate().subject.CN, "client");
});

test("send() refuses a server of an unknown authority, and says what to set (CL-1)", async (t) => {
  const { send, transport, fixture } = await setUp(t, answering(ok), { ca: undefined });
  const { error, progress } = await send();
  assert.equal(error?.name, "ConnectionError");
  assert.match(error?.message ?? "", /set `ca` or AWS_CA_BUNDLE/);
  assert.equal((error as { code?: string }).code, "UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  assert.deepEqual(progress, { reused: false, answered: false, bodyStarted: false });
  assert.equal(transport.counts(fixture.origin).open, 0);
});

test("send() trusts the authorities in a file, read with the first TLS connection", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-ca-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const caFile = join(folder, "ca.pem");
  const { send } = await setUp(t, answering(ok), { ca: undefined, caFile });
  assert.throws(() => void send(), {
    name: "ConfigurationError",
    message: /^Cannot read the certificates in ".*ca\.pem" \(AWS_CA_BUNDLE/,
  });
  writeFileSync(caFile, makeAuthority().ca);
  assert.equal((await send()).body, "hello");
});

test("send() over plain HTTP reads no file of authorities", async (t) => {
  const fixture = await startFixture(answering(ok), { caFile: "/nowhere/ca.pem" });
  t.after(() => fixture.close());
  assert.equal((await fixture.send()).body, "hello");
});

test("send() refuses a certificate for another name (CL-1)", async (t) => {
  const { fixture, send } = await setUp(t, answering(ok));
  const { error } = await send({}, { ...fixture.origin, host: "localhost" });
  assert.match(error?.message ?? "", /is for another name/);
});

test("send() reports a certificate that cannot be read as an error of the exchange", async (t) => {
  const { send } = await setUp(t, answering(ok), { cert: "nonsense", key: "nonsense" });
  assert.equal((await send()).error?.name, "ConnectionError");
});

test("send() gives the reason of an alert in words", async (t) => {
  const limits = { maxVersion: "TLSv1.2", requestCert: true } as const;
  const { send } = await setUp(t, answering(ok), {}, { ...limits, rejectUnauthorized: true });
  const { error } = await send();
  assert.equal(error?.name, "ConnectionError");
  assert.doesNotMatch(error?.message ?? "", /SSL routines|\n/);
  const other = await setUp(t, answering(ok), {}, { ALPNProtocols: ["h2"] });
  const { error: refused } = await other.send();
  assert.match(refused?.message ?? "", /PROTOCOL: tlsv1 alert no application protocol$/);
});

test("send() says when the server does not speak TLS", async (t) => {
  const plain = await import("./transport-fixture.test.ts");
  const server = await plain.startFixture((socket) => {
    socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
  });
  t.after(() => server.close());
  const { send } = await setUp(t, answering(ok));
  const { error } = await send({}, { ...server.origin, protocol: "https:" });
  assert.equal(error?.name, "ConnectionError");
  assert.match(error?.message ?? "", /does not speak TLS/);
});

test("large bodies pass TLS in both directions, whole and unchanged", async (t) => {
  const bytes = new Uint8Array(3_000_000);
  for (let i = 0; i < bytes.length; i++) bytes[i] = (i * 7) & 0xff;
  const { send } = await setUp(t, (socket) => {
    onRequests(socket, (request) => {
      const body = request.slice(request.indexOf("\r\n\r\n") + 4);
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${body}`, "latin1");
    });
  });
  const { error, body } = await send({ method: "PUT", body: bytes });
  assert.equal(error, undefined);
  assert.ok(Buffer.from(body, "latin1").equals(bytes));
});
