import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Exchange } from "./exchange.ts";
import { connect, latin1 } from "./memory-socket.test.ts";
import { GET, OK, post, chunkedPost, refusal, recorder, sweepFor } from "./messages.test.ts";

/** Too large to be handed over together with the chunk before it. */
const LARGE = "b".repeat(0x1400);
const LARGE_CHUNK = `1400\r\n${LARGE}\r\n`;

describe("Http1Connection bodies", () => {
  test("hands over views of the input, not copies", () => {
    const pieces: Uint8Array[] = [];
    const { socket } = connect((exchange) => {
      exchange.receive({ data: (piece) => pieces.push(piece), end: () => {}, aborted: () => {} });
    });
    const input = Buffer.from(`${post(3)}abc`);
    socket.feed(input);
    assert.equal(pieces.length, 1);
    assert.equal(pieces[0]!.buffer, input.buffer);
    assert.equal(latin1(pieces[0]!), "abc");
  });

  test("receive() with an empty body ends it after the handler has returned", () => {
    const body = recorder();
    let sawBefore = -1;
    const { socket } = connect((exchange) => {
      exchange.receive(body);
      sawBefore = body.log.length;
    });
    socket.feed(GET);
    assert.equal(sawBefore, 0);
    assert.deepEqual(body.log, ["<end>"]);
  });

  test("receive() throws the second time, and after the handler has returned", () => {
    const late: Exchange[] = [];
    const { socket } = connect((exchange) => {
      if (late.push(exchange) > 1) return;
      exchange.receive(recorder());
      assert.throws(() => exchange.receive(recorder()), /Cannot receive the body/);
      exchange.reply(200, "");
    });
    socket.feed(GET + GET);
    assert.throws(() => late[1]!.receive(recorder()), /Cannot receive the body/);
  });

  test("HT-15: receive() answers Expect: 100-continue", () => {
    const { socket } = connect((exchange) => exchange.receive(recorder()));
    socket.feed(post(3, "Expect: 100-continue"));
    assert.equal(socket.output, "HTTP/1.1 100 Continue\r\n\r\n");
  });

  test("HT-15: a reply without receive() leaves 100 out and closes", () => {
    const { socket } = connect((exchange) => exchange.reply(413, ""));
    socket.feed(post(3, "Expect: 100-continue"));
    assert.equal(socket.output, refusal("413 Content Too Large"));
    assert.equal(socket.ended, true);
  });

  test("HT-5: a reply before the body closes our side, and reads on to 64 MiB", () => {
    const { socket } = connect((exchange) => exchange.reply(413, ""));
    socket.feed(post(100_000_000));
    assert.equal(socket.output, refusal("413 Content Too Large"));
    assert.equal(socket.ended, true);
    const mebibyte = Buffer.alloc(1024 * 1024);
    for (let i = 0; i < 64; i += 1) socket.feed(mebibyte);
    assert.equal(socket.destroyed, false);
    socket.feed("x");
    assert.equal(socket.destroyed, true);
  });

  test("HT-5: a peer that does not close after the last reply is cut off after 5 s", () => {
    const { socket, connection } = connect((exchange) => exchange.reply(413, ""));
    socket.feed(post(100_000_000));
    sweepFor(connection, 4000);
    assert.equal(socket.destroyed, false);
    sweepFor(connection, 1000);
    assert.equal(socket.destroyed, true);
  });

  test("HT-6: a reply in the middle of a chunked body stops the receiver and closes", () => {
    const body = recorder();
    const { socket } = connect((exchange) => {
      exchange.receive({
        ...body,
        data: (chunk) => {
          body.data(chunk);
          exchange.reply(413, "");
        },
      });
    });
    socket.feed(`${chunkedPost()}3\r\nabc\r\n${LARGE_CHUNK}0\r\n\r\n`);
    assert.deepEqual(body.log, ["abc"]);
    assert.equal(socket.output, refusal("413 Content Too Large"));
  });

  test("a small body that nobody takes does not end the connection", () => {
    const { socket, exchanges } = connect((exchange) => exchange.reply(200, ""));
    socket.feed(`${post(3)}a`);
    socket.feed(`bc${GET}`);
    assert.equal(socket.output, OK + OK);
    assert.equal(exchanges.length, 2);
  });

  test("12.3: a chunked body of GET that nobody takes is refused above 64 KiB", () => {
    const { socket, rejects } = connect();
    socket.feed(chunkedPost("GET"));
    const chunk = `8000\r\n${"x".repeat(0x8000)}\r\n`;
    socket.feed(chunk + chunk);
    assert.equal(socket.output, "");
    socket.feed("1\r\nx\r\n");
    assert.equal(socket.output, refusal("413 Content Too Large"));
    assert.deepEqual(rejects, ["413 A body that nobody takes is too large"]);
  });

  test("HT-7: a body that breaks off is aborted, and answered with 400", () => {
    const body = recorder();
    const { socket } = connect((exchange) => exchange.receive(body));
    socket.feed(`${post(5)}abc`);
    socket.finish();
    assert.deepEqual(body.log, ["abc", "<aborted: The body broke off>"]);
    assert.equal(socket.output, refusal("400 Bad Request"));
  });

  test("HT-7: the receiver may answer a body that broke off by itself", () => {
    const { socket, rejects } = connect((exchange) => {
      exchange.receive({ ...recorder(), aborted: () => exchange.reply(400, "X: 1\r\n", "{}") });
    });
    socket.feed(`${chunkedPost()}zz`);
    assert.match(
      socket.output,
      /^HTTP\/1\.1 400 Bad Request\r\nX: 1\r\n.*Connection: close\r\n\r\n\{\}$/s,
    );
    assert.equal(socket.ended, true);
    assert.deepEqual(rejects, []);
  });

  test("HT-7: a connection that is lost aborts the body", async () => {
    const body = recorder();
    const { socket, exchanges } = connect((exchange) => exchange.receive(body));
    socket.feed(`${post(5)}abc`);
    socket.destroy();
    await Promise.resolve();
    assert.deepEqual(body.log, ["abc", "<aborted: The connection was lost>"]);
    assert.equal(exchanges[0]!.done, true);
  });

  test("pause() stops the socket and what has been read; resume() goes on", () => {
    const body = recorder();
    const { socket, exchanges } = connect((exchange) => {
      exchange.receive({
        ...body,
        data: (chunk) => {
          body.data(chunk);
          exchange.pause();
        },
      });
    });
    socket.feed(`${chunkedPost()}1\r\na\r\n${LARGE_CHUNK}0\r\n\r\n`);
    assert.deepEqual(body.log, ["a"]);
    assert.equal(socket.paused, true);
    exchanges[0]!.resume();
    assert.deepEqual(body.log, ["a", LARGE]);
    assert.equal(socket.paused, true);
    exchanges[0]!.resume();
    assert.deepEqual(body.log, ["a", LARGE, "<end>"]);
    assert.equal(socket.paused, false);
  });

  test("pause() and resume() inside a callback neither recurse nor stop the socket", () => {
    const body = recorder();
    let depth = 0;
    const { socket } = connect((exchange) => {
      exchange.receive({
        ...body,
        data: (chunk) => {
          depth += 1;
          assert.equal(depth, 1);
          body.data(chunk);
          exchange.pause();
          exchange.resume();
          depth -= 1;
        },
      });
    });
    socket.feed(`${chunkedPost()}1\r\na\r\n${LARGE_CHUNK}0\r\n\r\n`);
    assert.deepEqual(body.log, ["a", LARGE, "<end>"]);
    assert.equal(socket.paused, false);
  });
});

describe("Http1Connection failures of the handler", () => {
  test("HT-13: a handler that throws is answered with 500, and the connection ends", () => {
    const { socket, rejects } = connect(() => {
      throw new Error("oops");
    });
    socket.feed(GET + GET);
    assert.equal(socket.output, refusal("500 Internal Server Error"));
    assert.deepEqual(rejects, ["500 oops"]);
  });

  const moments = ["data", "end"] as const;
  for (const moment of moments) {
    test(`HT-13: a receiver that throws in ${moment}() is answered with 500`, () => {
      const { socket, rejects } = connect((exchange) => {
        exchange.receive({
          ...recorder(),
          [moment]: () => {
            throw new Error("oops");
          },
        });
      });
      socket.feed(`${post(3)}abc`);
      assert.equal(socket.output, refusal("500 Internal Server Error"));
      assert.deepEqual(rejects, ["500 oops"]);
    });
  }

  test("HT-13: a handler that throws after its reply ends the connection", () => {
    const { socket, rejects } = connect((exchange) => {
      exchange.reply(200, "");
      throw new Error("oops");
    });
    socket.feed(GET + GET);
    assert.equal(socket.output, OK);
    assert.equal(socket.ended, true);
    assert.deepEqual(rejects, ["500 oops"]);
  });

  test("HT-13: a handler that throws in a streamed reply breaks the message", () => {
    const { socket } = connect((exchange) => {
      exchange.startReply(200, "");
      throw new Error("oops");
    });
    socket.feed(GET);
    assert.equal(socket.destroyed, true);
    assert.doesNotMatch(socket.output, /0\r\n\r\n$/);
  });

  test("HT-13: listeners that throw are counted", async () => {
    const { socket, rejects } = connect((exchange) => {
      exchange.connection.onClose(() => {
        throw new Error("oops");
      });
    });
    socket.feed(GET);
    socket.destroy();
    await Promise.resolve();
    assert.deepEqual(rejects, ["500 oops"]);
  });
});
