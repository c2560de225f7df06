import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import {
  answering,
  newRequest,
  onRequests,
  originOf,
  Recorder,
  startFixture,
} from "./transport-fixture.test.ts";
import { HttpTransport } from "./http-transport.ts";
import type { ConnectionError, TimeoutError } from "../client/errors.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";

function codeOf(error: ConnectionError | TimeoutError | undefined): string {
  return error?.name === "ConnectionError" ? error.code : (error?.limit ?? "none");
}

/** Answers each request with `text`, and then does `then`. */
function answeringThen(text: string, then: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => {
    onRequests(socket, () => {
      socket.write(text, "latin1", () => then(socket));
    });
  };
}

const head = "HTTP/1.1 200 OK\r\n";
const cuts: [name: string, text: string, body: string][] = [
  ["before the answer", "", ""],
  ["in the status line", "HTTP/1.", ""],
  ["in the head", `${head}Content-`, ""],
  ["in a body with a length", `${head}Content-Length: 10\r\n\r\nhello`, "hello"],
  ["in a chunk's size", `${head}Transfer-Encoding: chunked\r\n\r\n5`, ""],
  ["in a chunk", `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhel`, "hel"],
  ["after a chunk", `${head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n`, "hello"],
  ["before the last line of chunks", `${head}Transfer-Encoding: chunked\r\n\r\n0\r\n`, ""],
];
for (const [name, text, body] of cuts) {
  for (const way of ["end", "reset"] as const) {
    test(`send() reports a connection that was lost (${way}) ${name} (CL-8)`, async (t) => {
      const fixture = await startFixture(
        answeringThen(text, (socket) => {
          if (way === "end") socket.end();
          else socket.resetAndDestroy();
        }),
      );
      t.after(() => fixture.close());
      const outcome = await fixture.send();
      assert.equal(codeOf(outcome.error), "ECONNRESET");
      if (way === "end") assert.equal(outcome.body, body);
      const answered = way === "end" ? text !== "" : outcome.progress?.answered;
      assert.deepEqual(outcome.progress, { reused: false, answered, bodyStarted: false });
      assert.equal(fixture.transport.counts(fixture.origin).open, 0);
    });
  }
}

test("send() reads a body until the connection ends, and not beyond a reset", async (t) => {
  const fixture = await startFixture(
    answeringThen("HTTP/1.1 200 OK\r\n\r\nall of it", (socket) => socket.end()),
  );
  t.after(() => fixture.close());
  assert.equal((await fixture.send()).body, "all of it");
});

test("send() says that a kept connection was used when the server closes it as we write (CL-17)", async (t) => {
  const fixture = await startFixture((socket) => {
    let requests = 0;
    onRequests(socket, () => {
      if (requests++ === 0) socket.write(ok);
      else socket.destroy();
    });
  });
  t.after(() => fixture.close());
  assert.equal((await fixture.send()).body, "hello");
  const { error, progress } = await fixture.send();
  assert.equal(codeOf(error), "ECONNRESET");
  assert.deepEqual(progress, { reused: true, answered: false, bodyStarted: false });
  assert.equal((await fixture.send()).body, "hello");
});

test("send() does not take a second answer for the next request's", async (t) => {
  const fixture = await startFixture(
    answering(`${ok}HTTP/1.1 500 Evil\r\nContent-Length: 0\r\n\r\n`),
  );
  t.after(() => fixture.close());
  for (let i = 0; i < 3; i++) assert.equal((await fixture.send()).status, 200);
  assert.equal(fixture.sockets.length, 3);
});

for (const way of ["bytes", "end", "reset"] as const) {
  test(`an idle connection that gets ${way} is dropped`, async (t) => {
    const fixture = await startFixture(answering(ok));
    t.after(() => fixture.close());
    await fixture.send();
    const [socket] = fixture.sockets;
    const closed = new Promise((resolve) => {
      socket?.once("close", resolve);
    });
    if (way === "bytes") socket?.write("HTTP/1.1 500 Evil\r\nContent-Length: 0\r\n\r\n");
    else if (way === "end") socket?.end();
    else socket?.resetAndDestroy();
    await closed;
    while (fixture.transport.counts(fixture.origin).open > 0) {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
    }
    assert.equal((await fixture.send()).status, 200);
    assert.equal(fixture.sockets.length, 2);
  });
}

for (const [name, answer] of [
  ["Connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello"],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"],
  ["Keep-Alive: timeout=1", ok.replace("\r\n", "\r\nKeep-Alive: timeout=1\r\n")],
] as const) {
  test(`a connection is not used again after ${name}`, async (t) => {
    const fixture = await startFixture(answering(answer));
    t.after(() => fixture.close());
    for (let i = 0; i < 2; i++) assert.equal((await fixture.send()).body, "hello");
    assert.equal(fixture.sockets.length, 2);
  });
}

test("send() reports an answer that is not HTTP (CL-19)", async (t) => {
  const fixture = await startFixture(answering("SSH-2.0-OpenSSH_9.6\r\n\r\n"));
  t.after(() => fixture.close());
  const { error } = await fixture.send();
  assert.equal(codeOf(error), "EPROTO");
  assert.match(
    error?.message ?? "",
    /^Cannot read the response of 127\.0\.0\.1:\d+: its status line/,
  );
});

test("send() reports a port where nothing listens (CL-1)", async () => {
  const fixture = await startFixture(() => {});
  await fixture.close();
  const { error, progress } = await fixture.send();
  assert.equal(codeOf(error), "ECONNREFUSED");
  assert.match(error?.message ?? "", /nothing listens there; check the endpoint/);
  assert.equal((error as ConnectionError).port, fixture.origin.port);
  assert.deepEqual(progress, { reused: false, answered: false, bodyStarted: false });
});

test("send() reports a name without an address (CL-1)", async () => {
  const transport = new HttpTransport({
    maxConnections: 1,
    connectTimeoutMs: 9000,
    keepAliveTimeoutMs: 9,
  });
  const recorder = new Recorder();
  transport.send({ ...originOf(1), host: "no-such-host.invalid" }, newRequest(), recorder);
  const { error } = await recorder.ended;
  assert.match(codeOf(error), /^(?:ENOTFOUND|EAI_AGAIN)$/);
  transport.close();
});

const limits: [name: string, text: string, limit: string][] = [
  ["attemptTimeout", "", "headTimeoutMs"],
  ["attemptTimeout", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200", "headTimeoutMs"],
  ["bodyTimeout", `${head}Content-Length: 10\r\n\r\n`, "bodyTimeoutMs"],
  ["bodyTimeout", `${head}Content-Length: 10\r\n\r\nhello`, "bodyTimeoutMs"],
];
for (const [name, text, option] of limits) {
  test(`send() ends a silence after ${JSON.stringify(text)} with ${name} (CL-11)`, async (t) => {
    const fixture = await startFixture(answering(text));
    t.after(() => fixture.close());
    const { error } = await fixture.send({ [option]: 50 });
    assert.equal(error?.name, "TimeoutError");
    assert.equal(codeOf(error), name);
    assert.equal(error.ms, 50);
    assert.match(error?.message ?? "", new RegExp(`for 50 ms; raise \`${name}\``));
    assert.equal(fixture.transport.counts(fixture.origin).open, 0);
  });
}

test("send() ends the wait for a connection with attemptTimeout (CL-11, CL-16)", async (t) => {
  const fixture = await startFixture(() => {}, { maxConnections: 1 });
  t.after(() => fixture.close());
  const first = fixture.begin();
  const { error, progress } = await fixture.send({ headTimeoutMs: 50 });
  assert.match(error?.message ?? "", /waited for a free connection \(`maxConnections` is 1\)/);
  assert.deepEqual(progress, { reused: false, answered: false, bodyStarted: false });
  assert.deepEqual(fixture.transport.counts(fixture.origin).queued, 0);
  first.exchange.abort();
});

test("send() ends an attempt to connect with connectTimeout (CL-11)", async (t) => {
  const fixture = await startFixture(() => {}, { connectTimeoutMs: 50 });
  t.after(() => fixture.close());
  // The server takes the connection, but never answers the TLS handshake.
  const recorder = new Recorder();
  fixture.transport.send({ ...fixture.origin, protocol: "https:" }, newRequest(), recorder);
  const { error } = await recorder.ended;
  assert.equal(codeOf(error), "connectTimeout");
});

test("send() says that no connection was made when attemptTimeout is shorter (CL-11)", async (t) => {
  const fixture = await startFixture(() => {});
  t.after(() => fixture.close());
  const recorder = new Recorder();
  const request = newRequest({ headTimeoutMs: 50 });
  fixture.transport.send({ ...fixture.origin, protocol: "https:" }, request, recorder);
  const { error } = await recorder.ended;
  assert.equal(codeOf(error), "attemptTimeout");
  assert.match(error?.message ?? "", /no connection was made for 50 ms/);
});

test("the body's silence is timed from its last byte, and not while paused (CL-11)", async (t) => {
  let socket: Socket | undefined;
  const fixture = await startFixture((accepted) => {
    socket = accepted;
    onRequests(accepted, () => accepted.write(`${head}Content-Length: 10\r\n\r\nhello`));
  });
  t.after(() => fixture.close());
  const { exchange, recorder } = fixture.begin({ bodyTimeoutMs: 100 });
  await new Promise<void>((resolve) => {
    recorder.hook = (event) => {
      if (event !== "data") return;
      exchange.pause();
      resolve();
    };
  });
  // Longer than the limit and what the sweep may add.
  await new Promise((resolve) => {
    setTimeout(resolve, 700);
  });
  assert.equal(recorder.isEnded, false);
  recorder.hook = undefined;
  socket?.write("world");
  exchange.resume();
  const outcome = await recorder.ended;
  assert.equal(outcome.error, undefined);
  assert.equal(outcome.body, "helloworld");
});

const answerPart = fc.oneof(
  fc.constantFrom(
    ok,
    head,
    "Content-Length: 3\r\n",
    "\r\n",
    "abc",
    "Transfer-Encoding: chunked\r\n\r\n",
    "3\r\nabc\r\n",
    "0\r\n\r\n",
  ),
  fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString("latin1")),
);

test("any bytes, cut anywhere, give a response or a ConnectionError, and no connection stays (CL-19)", async (t) => {
  let parts: readonly string[] = [];
  const fixture = await startFixture((socket) => {
    onRequests(socket, () => {
      for (const part of parts) socket.write(part, "latin1");
      socket.end();
    });
  });
  t.after(() => fixture.close());
  const property = fc.asyncProperty(fc.array(answerPart, { maxLength: 6 }), async (given) => {
    parts = given;
    const outcome = await fixture.send();
    if (outcome.error === undefined) assert.ok(outcome.status >= 200);
    // A server may end what we wanted to use again: then it is a lost connection, too.
    else assert.equal(outcome.error.name, "ConnectionError");
    assert.equal(fixture.transport.counts(fixture.origin).inUse, 0);
  });
  await fc.assert(property, { numRuns: 200 });
});
