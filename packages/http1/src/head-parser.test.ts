import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HeadParser } from "./head-parser.ts";

const MEBIBYTE = 1024 * 1024;

function read(text: string, headBytesMax = 16_384): HeadParser {
  const parser = new HeadParser(headBytesMax);
  parser.read(Buffer.from(text, "latin1"), 0);
  return parser;
}

describe("HeadParser", () => {
  test("reads what a request asks for, and how its body is framed", () => {
    const lines = "Host: a\r\nContent-Length: 12\r\nExpect: 100-Continue\r\n";
    const { head, position } = read(`PUT /a%2f?b HTTP/1.1\r\n${lines}\r\nbody`);
    assert.ok(head !== undefined);
    const { headers, ...rest } = head;
    assert.deepEqual(rest, {
      method: "PUT",
      path: "/a%2f",
      query: "b",
      contentLength: 12,
      keepAlive: true,
      http10: false,
      expectsContinue: true,
    });
    assert.equal(headers.get("expect"), "100-Continue");
    assert.equal(position, 22 + lines.length + 2);
  });

  test("reads one head after another, from any offset", () => {
    const input = Buffer.from("xxGET /1 HTTP/1.1\r\nHost: a\r\n\r\n\r\nGET /2 HTTP/1.0\r\n\r\nx");
    const parser = new HeadParser(64);
    assert.equal(parser.read(input, 2), "end");
    assert.equal(parser.head?.path, "/1");
    assert.equal(parser.read(input, parser.position), "end");
    assert.equal(parser.head?.path, "/2");
    assert.equal(parser.head?.http10, true);
    assert.equal(parser.head?.keepAlive, false);
    assert.equal(parser.position, input.length - 1);
    assert.equal(parser.started, false);
  });

  test("INV-7: a head of 1 MiB that comes one byte at a time is looked at once", () => {
    const head = `GET / HTTP/1.1\r\nHost: a\r\nX: ${"x".repeat(MEBIBYTE - 100)}\r\n\r\n`;
    const input = Buffer.from(head);
    const parser = new HeadParser(MEBIBYTE);
    // Were it read again with each byte, this would take hours.
    for (let i = 0; i < input.length - 1; i += 1) {
      assert.equal(parser.read(input.subarray(i, i + 1), 0), "more");
    }
    assert.equal(parser.read(input.subarray(-1), 0), "end");
    assert.equal(parser.head?.headers.get("x")?.length, MEBIBYTE - 100);
  });

  test("INV-7: a head of a quarter million headers is found through, also when all have one name", () => {
    const count = 200_000;
    const { head } = read(`GET / HTTP/1.1\r\nHost:\r\n${"a:\r\n".repeat(count)}\r\n`, MEBIBYTE);
    assert.equal(head?.headers.get("a")?.length, 2 * (count - 1));
    assert.equal(head?.headers.get("b"), undefined);
    assert.equal([...(head?.headers.entries() ?? [])].length, count + 1);
  });

  test("INV-8: empty lines before a request are not kept", () => {
    const parser = new HeadParser(64);
    for (let i = 0; i < 1000; i += 1) {
      assert.equal(parser.read(Buffer.from("\r\n\r"), 0), "more");
      assert.equal(parser.read(Buffer.from("\n"), 0), "more");
    }
    assert.equal(parser.started, false);
  });

  test("refuses a head above the limit as soon as it is passed", () => {
    const parser = new HeadParser(64);
    assert.equal(parser.read(Buffer.from(`GET /${"a".repeat(58)}`), 0), "more");
    assert.equal(parser.read(Buffer.from("a"), 0), "fault");
    assert.equal(parser.fault?.status, 431);
  });
});
