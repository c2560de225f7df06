import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Exchange } from "./exchange.ts";
import { connect, latin1 } from "./memory-socket.test.ts";

/** What happens next to a connection. */
type Step = "feed" | "reply" | "pause" | "resume" | "fill" | "drain" | "sweep";

const STEPS: readonly Step[] = ["feed", "reply", "pause", "resume", "fill", "drain", "sweep"];

/** Valid requests of every framing; `#` stands for the number of the request. */
const REQUESTS = [
  "GET /# HTTP/1.1\r\nHost: a\r\n\r\n",
  "POST /# HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabcdef",
  "POST /# HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n3;x=y\r\ndef\r\n0\r\nT: 1\r\n\r\n",
  "PUT /# HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
];

/** Runs the steps, and then whatever is left to be done. Returns the replies. */
function run(input: Buffer, pieceLength: number, steps: readonly Step[]): string {
  const open: { exchange: Exchange; body: string }[] = [];
  const complete: { exchange: Exchange; body: string }[] = [];
  const { socket, connection } = connect((exchange) => {
    const request = { exchange, body: "" };
    open.push(request);
    exchange.receive({
      data: (piece) => {
        request.body += latin1(piece);
      },
      end: () => complete.push(request),
      aborted: (reason) => assert.fail(reason),
    });
  });
  let position = 0;
  const perform: Record<Step, () => void> = {
    feed: () => {
      if (socket.paused || position >= input.length) return;
      const end = position + pieceLength;
      socket.feed(input.subarray(position, end));
      position = end;
    },
    reply: () => {
      const request = complete.shift();
      request?.exchange.reply(200, "", `${request.exchange.path} ${request.body};`);
    },
    pause: () => open.at(-1)?.exchange.pause(),
    resume: () => open.at(-1)?.exchange.resume(),
    fill: () => {
      socket.writableNeedDrain = true;
    },
    drain: () => {
      if (socket.writableNeedDrain) socket.drain();
    },
    sweep: () => connection.sweep(1),
  };
  for (const step of steps) perform[step]();
  for (let i = 0; i < 4 * (input.length + 10); i += 1) {
    perform.drain();
    perform.resume();
    perform.feed();
    perform.reply();
  }
  socket.finish();
  assert.equal(socket.ended, true);
  return socket.output.replaceAll(/HTTP[^;]*?\r\n\r\n/g, "");
}

describe("Http1Connection and any schedule", () => {
  test("answers every request once and in order, whenever things happen", () => {
    const requests = fc.array(fc.nat({ max: REQUESTS.length - 1 }), { minLength: 1, maxLength: 8 });
    const steps = fc.array(fc.constantFrom(...STEPS), { maxLength: 60 });
    fc.assert(
      fc.property(requests, fc.integer({ min: 1, max: 120 }), steps, (kinds, length, schedule) => {
        const texts = kinds.map((kind, i) => REQUESTS[kind]!.replace("#", String(i)));
        const expected = kinds.map(
          (kind, i) => `/${i} ${kind === 1 || kind === 2 ? "abcdef" : ""};`,
        );
        const output = run(Buffer.from(texts.join("")), length, schedule);
        assert.equal(output, expected.join(""));
      }),
      { numRuns: 1000 },
    );
  });
});
