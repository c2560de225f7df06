import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Exchange, ReplyBody } from "./exchange.ts";
import { connect } from "./memory-socket.test.ts";

const GET = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
const HEAD = "HEAD / HTTP/1.1\r\nHost: a\r\n\r\n";
const GET_10 = "GET / HTTP/1.0\r\n\r\n";

/** The output of one exchange. */
function run(input: string, handler: (exchange: Exchange) => void): ReturnType<typeof connect> {
  const fixture = connect(handler);
  fixture.socket.feed(input);
  return fixture;
}

describe("Http1Exchange.reply()", () => {
  const large = "x".repeat(20_000);
  const BODIES: readonly {
    readonly name: string;
    readonly body: ReplyBody;
    readonly text: string;
  }[] = [
    { name: "no body", body: "", text: "" },
    { name: "ASCII text", body: "hello", text: "hello" },
    { name: "text as UTF-8", body: "h\u00e9 \u{1f600}", text: "h\xc3\xa9 \xf0\x9f\x98\x80" },
    { name: "large text", body: large, text: large },
    { name: "large text as UTF-8", body: `\u00e9${large}`, text: `\xc3\xa9${large}` },
    { name: "one piece", body: Buffer.from("\xe9", "latin1"), text: "\xe9" },
    {
      name: "a Uint8Array inside a larger one",
      body: new Uint8Array([1, 65, 66, 2]).subarray(1, 3),
      text: "AB",
    },
    { name: "a large piece", body: Buffer.from(large), text: large },
    { name: "pieces", body: [Buffer.from("a"), Buffer.from("b")], text: "ab" },
    { name: "large pieces", body: [Buffer.from(large), Buffer.from("b")], text: `${large}b` },
    { name: "no pieces", body: [], text: "" },
  ];
  for (const { name, body, text } of BODIES) {
    test(`sends ${name} in one write, with its length in bytes`, () => {
      const { socket } = run(GET, (exchange) => exchange.reply(200, "X: 1\r\n", body));
      const head = `HTTP/1.1 200 OK\r\nX: 1\r\nDate: then\r\nContent-Length: ${text.length}\r\n\r\n`;
      assert.equal(socket.output, head + text);
      assert.equal(socket.writes, 1);
      assert.equal(socket.ended, false);
    });
  }

  test("HT-16: sends no body for HEAD, but its length", () => {
    for (const body of ["hello", Buffer.from("hello")]) {
      const { socket } = run(HEAD, (exchange) => exchange.reply(200, "", body));
      assert.equal(socket.output, "HTTP/1.1 200 OK\r\nDate: then\r\nContent-Length: 5\r\n\r\n");
    }
  });

  test("sends neither body nor length with 204 and 304", () => {
    for (const [status, line] of [
      [204, "204 No Content"],
      [304, "304 Not Modified"],
    ] as const) {
      const { socket } = run(GET, (exchange) => exchange.reply(status, "", "x"));
      assert.equal(socket.output, `HTTP/1.1 ${line}\r\nDate: then\r\n\r\n`);
    }
  });

  test("HT-16: closes after a reply to HTTP/1.0, also when asked to keep the connection", () => {
    const input = "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    const { socket } = run(input, (exchange) => exchange.reply(200, "", "x"));
    assert.match(socket.output, /\r\nConnection: close\r\n\r\nx$/);
    assert.equal(socket.ended, true);
  });

  test("HT-9: a header character beyond Latin-1 cannot become a line end", () => {
    const { socket } = run(GET, (exchange) => exchange.reply(200, "X: \u010d\u010aY: 1\r\n"));
    assert.match(socket.output, /\r\nX: \?\?Y: 1\r\n/);
  });

  test("is ignored when the reply is done, and throws in a streamed one", () => {
    run(GET, (exchange) => {
      exchange.reply(200, "");
      assert.equal(exchange.done, true);
      exchange.reply(500, "");
    });
    const { socket } = run(GET, (exchange) => {
      exchange.startReply(200, "");
      assert.throws(() => exchange.reply(200, ""), /Cannot reply/);
      assert.throws(() => exchange.startReply(200, ""), /Cannot start a reply/);
      exchange.endReply();
    });
    assert.match(socket.output, /^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe("Http1Exchange streamed replies", () => {
  test("are chunked, with trailers", () => {
    const { socket } = run(GET, (exchange) => {
      exchange.startReply(200, "Trailer: X\r\n");
      assert.equal(exchange.done, false);
      assert.equal(exchange.write(Buffer.from("0123456789abcdef")), true);
      exchange.write(Buffer.alloc(0));
      exchange.endReply("X: 1\r\n");
      assert.equal(exchange.done, true);
    });
    assert.equal(
      socket.output,
      "HTTP/1.1 200 OK\r\nTrailer: X\r\nDate: then\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "10\r\n0123456789abcdef\r\n0\r\nX: 1\r\n\r\n",
    );
    assert.equal(socket.ended, false);
  });

  test("send a large chunk without copying it, in one write", () => {
    const { socket } = run(GET, (exchange) => {
      exchange.startReply(200, "");
      exchange.write(Buffer.alloc(65_536, "x"));
      exchange.endReply();
    });
    assert.ok(socket.output.endsWith(`\r\n10000\r\n${"x".repeat(65_536)}\r\n0\r\n\r\n`));
    assert.equal(socket.writes, 3);
  });

  test("HT-16: end with the connection in HTTP/1.0", () => {
    const { socket } = run(GET_10, (exchange) => {
      exchange.startReply(200, "");
      exchange.write(Buffer.from("abc"));
      exchange.endReply("X: 1\r\n");
    });
    assert.equal(socket.output, "HTTP/1.1 200 OK\r\nDate: then\r\nConnection: close\r\n\r\nabc");
    assert.equal(socket.ended, true);
  });

  test("HT-16: have no body for HEAD", () => {
    const { socket } = run(HEAD, (exchange) => {
      exchange.startReply(200, "");
      exchange.write(Buffer.from("abc"));
      exchange.endReply();
    });
    assert.equal(
      socket.output,
      "HTTP/1.1 200 OK\r\nDate: then\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
  });

  test("throw when they have not been started", () => {
    run(GET, (exchange) => {
      assert.throws(() => exchange.write(Buffer.from("x")), /Cannot write a chunk/);
      assert.throws(() => exchange.endReply(), /Cannot end the reply/);
      exchange.reply(200, "");
    });
  });

  test("RT-20: abort() leaves the last chunk out", () => {
    const { socket } = run(GET, (exchange) => {
      exchange.startReply(200, "");
      exchange.write(Buffer.from("abc"));
      exchange.abort();
      assert.equal(exchange.done, true);
    });
    assert.equal(socket.destroyed, true);
    assert.ok(socket.output.endsWith("\r\n3\r\nabc\r\n"));
  });

  test("RT-20: abort() resets a connection whose end would pass for the end of the body", () => {
    const { socket } = run(GET_10, (exchange) => {
      exchange.startReply(200, "");
      exchange.write(Buffer.from("abc"));
      exchange.abort();
    });
    assert.ok(socket.output.endsWith("abc<reset>"));
  });

  test("write() tells when the socket is full, and onDrain() when it is not", async () => {
    let drained = 0;
    const { socket, exchanges } = connect((exchange) => exchange.startReply(200, ""));
    socket.feed(GET);
    const exchange = exchanges[0]!;
    socket.writableNeedDrain = true;
    assert.equal(exchange.write(Buffer.from("x")), false);
    exchange.onDrain(() => {
      drained += 1;
    });
    assert.equal(drained, 0);
    socket.drain();
    assert.equal(drained, 1);
    exchange.onDrain(() => {
      drained += 1;
    });
    await Promise.resolve();
    assert.equal(drained, 2);
    socket.writableNeedDrain = true;
    exchange.onDrain(() => {
      drained += 1;
    });
    socket.destroy();
    await Promise.resolve();
    assert.equal(drained, 3);
  });

  test("may begin before the body has come, which closes the connection at their end", () => {
    const { socket } = connect((exchange) => {
      exchange.receive({
        data: (chunk) => exchange.write(chunk),
        end: () => exchange.endReply(),
        aborted: () => {},
      });
      exchange.startReply(200, "");
    });
    socket.feed("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 6\r\n\r\nabc");
    socket.feed("def");
    assert.ok(socket.output.endsWith("Connection: close\r\n\r\n3\r\nabc\r\n3\r\ndef\r\n0\r\n\r\n"));
    assert.equal(socket.ended, true);
  });
});

describe("Http1Exchange.headers", () => {
  test("are found without case, joined when repeated, and listed in order", () => {
    const lines = "X-A: 1\r\nx-a:2\r\n__proto__: p\r\nB: \t v \t\r\n";
    const { exchanges } = run(`GET /a?b HTTP/1.1\r\nHost: a\r\n${lines}\r\n`, () => {});
    const { headers, path, query, contentLength } = exchanges[0]!;
    assert.deepEqual({ path, query, contentLength }, { path: "/a", query: "b", contentLength: 0 });
    assert.equal(headers.get("x-a"), "1, 2");
    assert.equal(headers.get("__proto__"), "p");
    assert.equal(headers.get("b"), "v");
    assert.equal(headers.get("constructor"), undefined);
    assert.equal(headers.get("toString"), undefined);
    assert.deepEqual(
      [...headers.entries()],
      [
        ["host", "a"],
        ["x-a", "1"],
        ["x-a", "2"],
        ["__proto__", "p"],
        ["b", "v"],
      ],
    );
  });

  test("contentLength is undefined for a chunked body", () => {
    const input = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert.equal(run(input, () => {}).exchanges[0]!.contentLength, undefined);
  });
});
