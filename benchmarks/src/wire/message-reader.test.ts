import assert from "node:assert/strict";
import { test } from "node:test";
import { MessageReader } from "./message-reader.ts";

/** What a reader made of some bytes, one line per message. */
function read(text: string, pieceBytes: number): string[] {
  const messages: string[] = [];
  let current = "";
  const reader = new MessageReader({
    head: (head) => (current = `${head.split("\r\n")[0]} · `),
    body: (chunk) => (current += chunk.toString("latin1")),
    end: () => messages.push(current),
  });
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    reader.push(bytes.subarray(at, at + pieceBytes));
  }
  return messages;
}

const cases = {
  "a body with a length": [
    "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello",
    ["HTTP/1.1 200 OK · hello"],
  ],
  "a message without a body": ["GET /next HTTP/1.1\r\nHost: h\r\n\r\n", ["GET /next HTTP/1.1 · "]],
  "a body in chunks": [
    "POST /r HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nA;x=y\r\n0123456789\r\n0\r\n\r\n",
    ["POST /r HTTP/1.1 · abc0123456789"],
  ],
  "trailers, which it drops": [
    "POST /r HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nA: 1\r\nB: 2\r\n\r\n",
    ["POST /r HTTP/1.1 · a"],
  ],
  "messages one after another": [
    "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx",
    ["HTTP/1.1 202 Accepted · ok", "HTTP/1.1 200 OK · x"],
  ],
} as const;

for (const [name, [text, expected]] of Object.entries(cases)) {
  for (const pieceBytes of [1, 2, 3, 7, 1_000]) {
    test(`MessageReader reads ${name}, in pieces of ${pieceBytes} bytes`, () => {
      assert.deepEqual(read(text, pieceBytes), expected);
    });
  }
}

test("MessageReader refuses a chunk size that is not a number", () => {
  assert.throws(
    () => read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 1_000),
    /Cannot read a chunk/,
  );
});

test("MessageReader refuses a head that does not end", () => {
  assert.throws(() => read("x".repeat(70_000), 70_000), /no head/);
});
