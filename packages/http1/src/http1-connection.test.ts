import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { connect } from "./memory-socket.test.ts";
import { GET, OK, OK_CLOSE, SWEEP_MS, post, refusal, recorder, sweepFor } from "./messages.test.ts";

describe("Http1Connection pipelining", () => {
  test("answers pipelined requests one after another", () => {
    const { socket, exchanges } = connect();
    socket.feed(GET + GET + GET);
    assert.equal(exchanges.length, 1);
    exchanges[0]!.reply(200, "");
    assert.equal(exchanges.length, 2);
    exchanges[1]!.reply(200, "");
    exchanges[2]!.reply(200, "");
    assert.equal(socket.output, OK + OK + OK);
  });

  test("12.3: the 17th request behind the one being answered ends the connection", () => {
    const { socket, exchanges, rejects } = connect();
    socket.feed(GET.repeat(18));
    assert.deepEqual(rejects, ["503 Too many pipelined requests"]);
    for (let i = 0; i < 17; i += 1) exchanges[i]!.reply(200, "");
    assert.equal(exchanges.length, 17);
    assert.equal(socket.output, OK.repeat(16) + OK_CLOSE);
    assert.equal(socket.ended, true);
  });

  test("12.3: 16 requests behind the one being answered are served", () => {
    const { socket, exchanges, rejects } = connect();
    socket.feed(GET.repeat(17));
    for (let i = 0; i < 17; i += 1) exchanges[i]!.reply(200, "");
    assert.equal(socket.output, OK.repeat(17));
    assert.deepEqual(rejects, []);
  });

  test("a pipelined body waits for its turn, and holds the socket", () => {
    const body = recorder();
    const { socket, exchanges } = connect((exchange) => {
      if (exchange.method === "POST") exchange.receive(body);
    });
    socket.feed(`${GET + post(3)}a`);
    assert.equal(socket.paused, true);
    assert.deepEqual(body.log, []);
    exchanges[0]!.reply(200, "");
    assert.equal(socket.paused, false);
    socket.feed(`bc${GET}`);
    assert.deepEqual(body.log, ["a", "bc", "<end>"]);
    exchanges[1]!.reply(200, "");
    exchanges[2]!.reply(200, "");
    assert.equal(socket.output, OK + OK + OK);
  });

  test("a malformed request behind another is refused after the other's reply", () => {
    const { socket, exchanges } = connect();
    socket.feed(`${GET}GET /\r\n`);
    assert.equal(socket.output, "");
    exchanges[0]!.reply(200, "");
    assert.equal(socket.output, OK + refusal("400 Bad Request"));
  });

  test("INV-8: a peer that does not read its replies gets no more of them", () => {
    const { socket, exchanges } = connect((exchange) => exchange.reply(200, ""));
    socket.writableNeedDrain = true;
    socket.feed(GET + GET);
    assert.equal(exchanges.length, 1);
    assert.equal(socket.paused, true);
    socket.drain();
    assert.equal(exchanges.length, 2);
    assert.equal(socket.paused, false);
  });

  test("a reply inside another exchange's callback does not call the next handler inside it", () => {
    let depth = 0;
    const { socket } = connect((exchange) => {
      depth += 1;
      assert.equal(depth, 1);
      exchange.reply(200, "");
      depth -= 1;
    });
    socket.feed(GET.repeat(1000));
    assert.equal(socket.output, OK.repeat(1000));
  });
});

describe("Http1Connection waits", () => {
  const SWEEPS: readonly {
    readonly name: string;
    readonly input: string;
    readonly limitMs: number;
    readonly output: string;
  }[] = [
    {
      name: "408 for a head that takes 10 s",
      input: "GET / HT",
      limitMs: 10_000,
      output: refusal("408 Request Timeout"),
    },
    {
      name: "408 for a body that takes 30 s",
      input: `${post(3)}a`,
      limitMs: 30_000,
      output: refusal("408 Request Timeout"),
    },
    {
      name: "silence for a connection without a request for 65 s",
      input: "",
      limitMs: 65_000,
      output: "",
    },
  ];
  for (const { name, input, limitMs, output } of SWEEPS) {
    test(`HT-14: ${name}`, () => {
      const { socket, connection } = connect((exchange) => exchange.receive(recorder()));
      if (input !== "") socket.feed(input);
      sweepFor(connection, limitMs - SWEEP_MS);
      assert.equal(socket.ended, false);
      sweepFor(connection, 0);
      assert.equal(socket.ended, true);
      assert.equal(socket.output, output);
    });
  }

  test("the wait for a head begins with its first byte, and more bytes do not extend it", () => {
    const { socket, connection } = connect();
    sweepFor(connection, 9000);
    socket.feed("G");
    for (let waited = 0; waited < 10_000; waited += SWEEP_MS) {
      assert.equal(socket.ended, false);
      connection.sweep(SWEEP_MS);
      socket.feed("E");
    }
    connection.sweep(SWEEP_MS);
    assert.equal(socket.ended, true);
  });

  test("a kept connection is idle from its last reply", () => {
    const { socket, connection, exchanges } = connect();
    socket.feed(GET);
    sweepFor(connection, 200_000);
    exchanges[0]!.reply(200, "");
    sweepFor(connection, 64_000);
    assert.equal(socket.ended, false);
    sweepFor(connection, 1000);
    assert.equal(socket.ended, true);
  });

  test("no limits: neither a head nor a body nor an idle connection ends", () => {
    const limits = { headTimeoutMs: 0, bodyTimeoutMs: 0, idleTimeoutMs: 0, stallTimeoutMs: 0 };
    for (const input of ["GET", `${post(3)}a`, GET, `${GET}GET`, ""]) {
      const { socket, connection } = connect(() => {}, limits);
      if (input !== "") socket.feed(input);
      sweepFor(connection, 1_000_000);
      assert.equal(socket.ended, false);
      assert.equal(socket.destroyed, false);
    }
  });

  test("a body that is paused does not run out of time", () => {
    const { socket, connection } = connect((exchange) => {
      exchange.receive(recorder());
      exchange.pause();
    });
    socket.feed(post(3));
    sweepFor(connection, 100_000);
    assert.equal(socket.output, "");
  });

  test("a body that takes too long is aborted before the answer", () => {
    const body = recorder();
    const { socket, connection } = connect((exchange) => exchange.receive(body));
    socket.feed(post(3));
    sweepFor(connection, 30_000);
    assert.deepEqual(body.log, ["<aborted: The body took too long>"]);
  });

  test("a peer that takes nothing of its reply for 60 s is cut off", () => {
    const { socket, connection } = connect((exchange) => {
      exchange.startReply(200, "");
      exchange.write(Buffer.from("x"));
    });
    socket.writableNeedDrain = true;
    socket.feed(GET);
    sweepFor(connection, 59_000);
    assert.equal(socket.destroyed, false);
    sweepFor(connection, 0);
    assert.equal(socket.destroyed, true);
  });
});

describe("Http1Connection and the end of its peer", () => {
  test("a peer that closes its own side still gets its reply", () => {
    const { socket, exchanges } = connect();
    socket.feed(GET);
    socket.finish();
    assert.equal(socket.ended, false);
    exchanges[0]!.reply(200, "");
    assert.equal(socket.output, OK_CLOSE);
    assert.equal(socket.ended, true);
  });

  test("HT-1: a peer that closes its side is announced, and not kept longer than 5 s", () => {
    const told: string[] = [];
    const { socket, connection } = connect((exchange) => {
      exchange.connection.onClose(() => told.push("closed"));
      exchange.connection.signal.addEventListener("abort", () => told.push("aborted"));
    });
    socket.feed(GET);
    assert.deepEqual(told, []);
    socket.finish();
    assert.deepEqual(told, ["closed", "aborted"]);
    sweepFor(connection, 4000);
    assert.equal(socket.destroyed, false);
    sweepFor(connection, 0);
    assert.equal(socket.destroyed, true);
  });

  test("onClose() and signal tell who asks when the peer has gone already", async () => {
    let told = false;
    const { socket, exchanges } = connect();
    socket.feed(GET);
    socket.finish();
    const { connection } = exchanges[0]!;
    assert.equal(connection.signal.aborted, true);
    connection.onClose(() => {
      told = true;
    });
    await Promise.resolve();
    assert.equal(told, true);
  });

  test("listeners go with the exchange that they were added in", () => {
    let told = 0;
    const { socket, exchanges } = connect((exchange) => {
      exchange.connection.onClose(() => {
        told += 1;
      });
    });
    for (let i = 0; i < 100; i += 1) {
      socket.feed(GET);
      exchanges[i]!.reply(200, "");
    }
    socket.feed(GET);
    socket.finish();
    assert.equal(told, 1);
  });

  test("an idle connection whose peer closes is closed", () => {
    const { socket } = connect();
    socket.finish();
    assert.equal(socket.ended, true);
    assert.equal(socket.output, "");
  });

  test("done is set when the connection is lost, and replies are ignored then", async () => {
    const { socket, exchanges, closed } = connect();
    socket.feed(GET);
    socket.destroy();
    await Promise.resolve();
    const exchange = exchanges[0]!;
    assert.equal(exchange.done, true);
    assert.equal(closed(), true);
    exchange.reply(200, "");
    exchange.startReply(200, "");
    assert.equal(exchange.write(Buffer.from("x")), true);
    exchange.endReply();
    exchange.abort();
    assert.equal(socket.output, "");
  });

  test("finish() ends an idle connection, and a busy one with its reply", () => {
    const idle = connect();
    idle.connection.finish();
    assert.equal(idle.socket.destroyed, true);
    const busy = connect();
    busy.socket.feed(GET);
    busy.context.closing = true;
    busy.connection.finish();
    assert.equal(busy.socket.destroyed, false);
    busy.exchanges[0]!.reply(200, "");
    assert.equal(busy.socket.output, OK_CLOSE);
    assert.equal(busy.socket.ended, true);
  });

  test("finish() after the head of a streamed reply ends the connection with its end", () => {
    const { socket, connection, context, exchanges } = connect((exchange) => {
      exchange.startReply(200, "");
    });
    socket.feed(GET);
    context.closing = true;
    connection.finish();
    exchanges[0]!.endReply();
    assert.equal(socket.ended, true);
  });
});
