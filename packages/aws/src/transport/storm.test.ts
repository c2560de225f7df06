import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { test } from "node:test";
import fc from "fast-check";
import { deadlinesRun } from "./deadlines.ts";
import { newRequest, Recorder, startFixture } from "./transport-fixture.test.ts";
import type { ConnectionError } from "../client/errors.ts";
import type { HttpRequest, StreamingBody } from "./transport.ts";

const large = "y".repeat(300_000);

/** What the server does with a request whose head has arrived; the body may still be on its way. */
const answers: Record<string, (socket: Socket) => void> = {
  whole: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
  chunks: (socket) =>
    socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"),
  large: (socket) => socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n${large}`),
  pieces: (socket) => {
    socket.write("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 O");
    setImmediate(() => socket.write("K\r\nContent-Length: 5\r\n\r\nhe"));
    setTimeout(() => socket.write("llo"), 2);
  },
  last: (socket) => socket.end("HTTP/1.1 200 OK\r\n\r\nhello"),
  close: (socket) =>
    socket.end("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"),
  surplus: (socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nxyz"),
  cut: (socket) => socket.end("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhello"),
  reset: (socket) => socket.resetAndDestroy(),
  garbage: (socket) => socket.write("\0\0\0\r\n\r\n"),
  nothing: () => {},
};

const step = fc.record({
  answer: fc.constantFrom(...Object.keys(answers)),
  body: fc.constantFrom("none", "text", "bytes", "stream"),
  expectContinue: fc.boolean(),
  abortAt: fc.constantFrom("never", "never", "never", "now", "soon", "head", "data", "end"),
  pauses: fc.boolean(),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A source, and whether it was opened and left open. */
class Source implements StreamingBody {
  readonly length = 100_000;
  isOpen = false;

  async *open(): AsyncGenerator<Uint8Array> {
    this.isOpen = true;
    try {
      for (let i = 0; i < 10; i++) {
        yield new Uint8Array(10_000);
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
      }
    } finally {
      this.isOpen = false;
    }
  }
}

function bodyOf(kind: string, sources: Source[]): HttpRequest["body"] {
  if (kind === "text") return "some text";
  if (kind === "bytes") return new Uint8Array(50_000);
  if (kind !== "stream") return undefined;
  const source = new Source();
  sources.push(source);
  return source;
}

function turn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
}

test("whatever servers and callers do, each exchange ends once and nothing stays (CL-8, CL-16)", async (t) => {
  const fixture = await startFixture(
    (socket) => {
      socket.on("data", (chunk: Buffer) => {
        const answer = /^[A-Z]+ \/(\w+) HTTP/.exec(chunk.toString("latin1"))?.[1];
        if (answer !== undefined && socket.writable) answers[answer]?.(socket);
      });
    },
    { maxConnections: 4 },
  );
  t.after(() => fixture.close());
  const { transport, origin } = fixture;

  const begin = ({ answer, body, ...how }: Step, sources: Source[]): Promise<void> => {
    const recorder = new Recorder();
    const request = newRequest({
      method: body === "none" ? "GET" : "PUT",
      path: `/${answer}`,
      body: bodyOf(body, sources),
      expectContinue: how.expectContinue,
      headTimeoutMs: 300,
      bodyTimeoutMs: 300,
    });
    const exchange = transport.send(origin, request, recorder);
    return new Promise((resolve) => {
      const abort = (): void => {
        exchange.abort();
        resolve();
      };
      recorder.hook = (event) => {
        if (how.abortAt === event) abort();
        else if (how.pauses && event !== "end") {
          exchange.pause();
          setImmediate(() => exchange.resume());
        }
      };
      if (how.abortAt === "now") abort();
      if (how.abortAt === "soon") setTimeout(abort, 1);
      void recorder.ended.then(({ error, status, body: got, length }) => {
        if (error === undefined) {
          assert.equal(status, 200);
          if (length !== undefined) assert.equal(got.length, length);
        } else {
          assert.match(error.name, /^(?:ConnectionError|TimeoutError)$/);
          assert.notEqual((error as ConnectionError).code, "ERR_BODY_LENGTH");
        }
        resolve();
      });
    });
  };

  const property = fc.asyncProperty(fc.array(step, { maxLength: 20 }), async (steps) => {
    const sources: Source[] = [];
    await Promise.all(steps.map((one) => begin(one, sources)));
    for (let i = 0; i < 1000 && sources.some(({ isOpen }) => isOpen); i++) await turn();
    assert.ok(!sources.some(({ isOpen }) => isOpen));
    const { open, idle, inUse, queued } = transport.counts(origin);
    assert.deepEqual([inUse, queued], [0, 0]);
    assert.ok(open === idle && open <= 4);
  });
  await fc.assert(property, { numRuns: 10 });
  transport.close();
  assert.equal(deadlinesRun(), false);
});
