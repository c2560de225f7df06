import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import type { ConnectionError } from "../client/errors.ts";
import { onRequests, startFixture } from "./transport-fixture.test.ts";
import type { StreamingBody } from "./transport.ts";

const ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

/** A body whose source tells how it was treated. */
class Source implements StreamingBody {
  readonly length: number | undefined;
  readonly #chunks: Iterable<unknown>;
  opened = 0;
  taken = 0;
  isClosed = false;

  constructor(chunks: Iterable<unknown>, length?: number) {
    this.#chunks = chunks;
    this.length = length;
  }

  async *open(): AsyncGenerator<Uint8Array> {
    this.opened++;
    try {
      for (const chunk of this.#chunks) {
        this.taken++;
        yield chunk as Uint8Array;
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    } finally {
      this.isClosed = true;
    }
  }
}

const text = (value: string): Uint8Array => Buffer.from(value);

function* endless(): Generator<Uint8Array> {
  for (;;) yield new Uint8Array(64 * 1024);
}

/** Collects what arrives, and answers when it ends so. */
function collecting(ending: string, seen: string[]): (socket: Socket) => void {
  return (socket) => {
    let got = "";
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString("latin1");
      if (!got.endsWith(ending)) return;
      seen.push(got);
      got = "";
      socket.write(ok);
    });
  };
}

test("a streaming body of known length is sent as it is, and the connection is kept", async (t) => {
  const seen: string[] = [];
  const fixture = await startFixture(collecting("def", seen));
  t.after(() => fixture.close());
  for (let i = 0; i < 2; i++) {
    const body = new Source([text("abc"), text(""), text("def")], 6);
    const outcome = await fixture.send({ method: "PUT", body });
    assert.equal(outcome.body, "ok");
    assert.ok(body.isClosed);
  }
  const request = "PUT / HTTP/1.1\r\nhost: test\r\ncontent-length: 6\r\n\r\nabcdef";
  assert.deepEqual(seen, [request, request]);
  assert.equal(fixture.sockets.length, 1);
});

test("a streaming body of unknown length is sent in chunks, and the connection is kept", async (t) => {
  const seen: string[] = [];
  const fixture = await startFixture(collecting("0\r\n\r\n", seen));
  t.after(() => fixture.close());
  for (let i = 0; i < 2; i++) {
    const body = new Source([text("abc"), text(""), text("d".repeat(17))]);
    assert.equal((await fixture.send({ method: "PUT", body })).body, "ok");
  }
  const request = `PUT / HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n11\r\n${"d".repeat(17)}\r\n0\r\n\r\n`;
  assert.deepEqual(seen, [request, request]);
  assert.equal(fixture.sockets.length, 1);
});

test("an empty streaming body has its framing", async (t) => {
  const seen: string[] = [];
  const fixture = await startFixture(collecting("\r\n\r\n", seen));
  t.after(() => fixture.close());
  assert.equal((await fixture.send({ method: "PUT", body: new Source([], 0) })).body, "ok");
  assert.match(seen[0] ?? "", /\r\ncontent-length: 0\r\n\r\n$/);
});

const wrong: [name: string, body: () => Source, code: string, message: RegExp][] = [
  [
    "longer than it said",
    () => new Source([text("abc"), text("def")], 5),
    "ERR_BODY_LENGTH",
    /has more than the 5 bytes it said/,
  ],
  [
    "shorter than it said",
    () => new Source([text("abc")], 5),
    "ERR_BODY_LENGTH",
    /has 3 bytes instead of the 5 it said/,
  ],
  [
    "of text",
    () => new Source(["abc"], 3),
    "ERR_BODY_SOURCE",
    /gave something that is not a Uint8Array/,
  ],
  [
    "whose source fails",
    () =>
      new Source(
        (function* () {
          yield text("abc");
          throw new Error("disk is gone");
        })(),
      ),
    "ERR_BODY_SOURCE",
    /source failed: disk is gone/,
  ],
];
for (const [name, newBody, code, message] of wrong) {
  test(`a streaming body ${name} fails the exchange (CL-6, CL-8)`, async (t) => {
    const fixture = await startFixture(() => {});
    t.after(() => fixture.close());
    const body = newBody();
    const { error, progress } = await fixture.send({ method: "PUT", body });
    assert.equal((error as ConnectionError).code, code);
    assert.match(error?.message ?? "", message);
    assert.deepEqual(progress, { reused: false, answered: false, bodyStarted: true });
    assert.equal(fixture.transport.counts(fixture.origin).open, 0);
    assert.ok(body.isClosed);
  });
}

test("a source is not taken from faster than the server reads, and closed by abort()", async (t) => {
  const fixture = await startFixture((socket) => socket.pause());
  t.after(() => fixture.close());
  const body = new Source(endless());
  const { exchange, recorder } = fixture.begin({ method: "PUT", body });
  let [before, still] = [-1, 0];
  // It stands still when nothing was taken for a while: the buffers of the kernel are full.
  while (still < 10) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
    still = body.taken === before && body.taken > 0 ? still + 1 : 0;
    before = body.taken;
  }
  assert.ok(body.taken * 64 * 1024 < 32 * 1024 * 1024);
  exchange.abort();
  await new Promise((resolve) => {
    setImmediate(resolve);
  });
  assert.ok(body.isClosed);
  assert.equal(recorder.isEnded, false);
});

for (const kind of ["stream", "bytes"] as const) {
  test(`an answer before the request is sent (${kind}) is delivered, and the rest is not sent`, async (t) => {
    let received = 0;
    const fixture = await startFixture((socket) => {
      socket.once("data", () => {
        socket.pause();
        socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      });
      socket.on("data", (chunk: Buffer) => {
        received += chunk.length;
      });
    });
    t.after(() => fixture.close());
    const source = new Source(endless());
    const body = kind === "stream" ? source : new Uint8Array(64 * 1024 * 1024);
    const outcome = await fixture.send({ method: "PUT", body });
    assert.equal(outcome.error, undefined);
    assert.equal(outcome.status, 403);
    assert.equal(outcome.body, "no");
    assert.equal(fixture.transport.counts(fixture.origin).open, 0);
    assert.ok(received < 32 * 1024 * 1024);
    if (kind === "bytes") return;
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    assert.ok(source.isClosed);
  });
}

test("a large body of bytes arrives whole, and the connection is kept", async (t) => {
  const bytes = new Uint8Array(5_000_000);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31) >> 3;
  let isSame = false;
  const fixture = await startFixture((socket) => {
    onRequests(socket, (request) => {
      const body = request.slice(request.indexOf("\r\n\r\n") + 4);
      isSame = Buffer.from(body, "latin1").equals(bytes);
      socket.write(ok);
    });
  });
  t.after(() => fixture.close());
  for (let i = 0; i < 2; i++) {
    isSame = false;
    assert.equal((await fixture.send({ method: "PUT", body: bytes })).error, undefined);
    assert.ok(isSame);
  }
  assert.equal(fixture.sockets.length, 1);
});

test("expectContinue sends the body after 100, and keeps the connection", async (t) => {
  const heads: string[] = [];
  const fixture = await startFixture((socket) => {
    let got = "";
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString("latin1");
      if (got.endsWith("\r\n\r\n")) {
        heads.push(got);
        socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      } else if (got.endsWith("body")) {
        got = "";
        socket.write(ok);
      }
    });
  });
  t.after(() => fixture.close());
  const request = { method: "PUT", expectContinue: true };
  for (const body of ["body", text("body"), new Source([text("body")], 4)]) {
    assert.equal((await fixture.send({ ...request, body })).body, "ok");
  }
  assert.equal(heads.length, 3);
  for (const head of heads) assert.match(head, /content-length: 4\r\nexpect: 100-continue\r\n/);
  assert.equal(fixture.sockets.length, 1);
});

test("expectContinue does not send the body after a final answer, and opens no source", async (t) => {
  let got = "";
  const fixture = await startFixture((socket) => {
    socket.on("data", (chunk: Buffer) => {
      got += chunk.toString("latin1");
      socket.write("HTTP/1.1 307 Elsewhere\r\nContent-Length: 0\r\n\r\n");
    });
  });
  t.after(() => fixture.close());
  const body = new Source([text("body")], 4);
  assert.equal((await fixture.send({ method: "PUT", expectContinue: true, body })).status, 307);
  assert.ok(got.endsWith("\r\n\r\n"));
  assert.equal(body.opened, 0);
  // The server still expects the body: the connection is of no use.
  assert.equal(fixture.transport.counts(fixture.origin).open, 0);
});

test("expectContinue sends the body without 100 after a second", async (t) => {
  const fixture = await startFixture((socket) => {
    onRequests(socket, () => socket.write(ok));
  });
  t.after(() => fixture.close());
  const body = text("body");
  assert.equal((await fixture.send({ method: "PUT", expectContinue: true, body })).body, "ok");
});

test("the server is timed from the last piece that it took, and not while the source is awaited (CL-11)", async (t) => {
  const fixture = await startFixture((socket) => {
    onRequests(socket, () => socket.write(ok));
  });
  t.after(() => fixture.close());
  const slow: StreamingBody = {
    length: 2,
    async *open() {
      for (const piece of ["a", "b"]) {
        await new Promise((resolve) => {
          setTimeout(resolve, 500);
        });
        yield text(piece);
      }
    },
  };
  const outcome = await fixture.send({ method: "PUT", body: slow, headTimeoutMs: 50 });
  assert.equal(outcome.error, undefined);
});
