import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { ResponseParser, type ResponseSink } from "./response-parser.ts";

/** What a parser found in bytes that arrived in these pieces, and how the connection's end was taken. */
interface Found {
  readonly events: readonly string[];
  readonly body: string;
  readonly problem: string | undefined;
  readonly isWhole: boolean;
}

function parse(pieces: readonly Buffer[], toHead = false): Found {
  const events: string[] = [];
  let body = "";
  let isWhole = false;
  const sink: ResponseSink = {
    onInterim: (status) => events.push(`interim ${status}`),
    onHead: ({ status, headers, persistent, keepAliveMs }, length) => {
      events.push(`${status} ${length} ${persistent} ${keepAliveMs} ${JSON.stringify(headers)}`);
    },
    onData: (chunk) => {
      assert.ok(chunk.length > 0);
      body += chunk.toString("latin1");
    },
    onEnd: (trailers, isSurplus) => {
      isWhole = true;
      events.push(`end ${JSON.stringify(trailers)} ${isSurplus}`);
    },
  };
  const parser = new ResponseParser(sink);
  parser.begin(toHead);
  let problem: string | undefined;
  for (const piece of pieces) {
    problem = parser.read(piece, piece.length);
    if (problem !== undefined || isWhole) break;
  }
  if (problem === undefined && !isWhole) parser.end();
  return { events, body, problem, isWhole };
}

function whole(text: string, toHead = false): Found {
  return parse([Buffer.from(text, "latin1")], toHead);
}

const accepted: [name: string, text: string, events: string[], body: string][] = [
  [
    "a length",
    "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    ['200 3 true -1 ["content-length","3"]', "end undefined false"],
    "abc",
  ],
  [
    "blanks around a value, and an empty value",
    "HTTP/1.1 200 OK\r\nA: \t b c \t\r\nB:\r\ncontent-length:0\r\n\r\n",
    ['200 0 true -1 ["a","b c","b","","content-length","0"]', "end undefined false"],
    "",
  ],
  [
    "no reason, with and without the blank",
    "HTTP/1.1 204\r\n\r\n",
    ["204 0 true -1 []", "end undefined false"],
    "",
  ],
  [
    "304 with a length, which has no body",
    "HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n",
    ['304 0 true -1 ["content-length","10"]', "end undefined false"],
    "",
  ],
  [
    "chunks, extensions and trailers",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n3;a=b\r\nabc\r\n0A \r\n0123456789\r\n0\r\nX-T: v\r\n\r\n",
    ['200 -1 true -1 ["transfer-encoding","Chunked"]', 'end ["x-t","v"] false'],
    "abc0123456789",
  ],
  [
    "chunks, none",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ['200 -1 true -1 ["transfer-encoding","chunked"]', "end undefined false"],
    "",
  ],
  [
    "a body until the connection ends",
    "HTTP/1.1 200 OK\r\n\r\nall of it",
    ["200 -1 false -1 []", "end undefined false"],
    "all of it",
  ],
  [
    "interim answers before the final one",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
    ["interim 100", "interim 103", '200 1 true -1 ["content-length","1"]', "end undefined false"],
    "a",
  ],
  [
    "HTTP/1.0, which closes",
    "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\na",
    ['200 1 false -1 ["content-length","1"]', "end undefined false"],
    "a",
  ],
  [
    "HTTP/1.0 with keep-alive",
    "HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\nKeep-Alive: timeout=5, max=9\r\nContent-Length: 0\r\n\r\n",
    [
      '200 0 true 4000 ["connection","Keep-Alive","keep-alive","timeout=5, max=9","content-length","0"]',
      "end undefined false",
    ],
    "",
  ],
  [
    "close, which wins over keep-alive in another header",
    "HTTP/1.1 200 OK\r\nConnection: x, close\r\nConnection: keep-alive\r\nContent-Length: 0\r\n\r\n",
    [
      '200 0 false -1 ["connection","x, close","connection","keep-alive","content-length","0"]',
      "end undefined false",
    ],
    "",
  ],
  [
    "bytes beyond ASCII in a value",
    "HTTP/1.1 200 Tr\xe8s bien\r\nX: \xfc\r\nContent-Length: 0\r\n\r\n",
    ['200 0 true -1 ["x","ü","content-length","0"]', "end undefined false"],
    "",
  ],
  [
    "surplus bytes",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nab",
    ['200 1 true -1 ["content-length","1"]', "end undefined true"],
    "a",
  ],
  [
    "a name that means something to objects",
    "HTTP/1.1 200 OK\r\n__proto__: a\r\nContent-Length: 0\r\n\r\n",
    ['200 0 true -1 ["__proto__","a","content-length","0"]', "end undefined false"],
    "",
  ],
];

for (const [name, text, events, body] of accepted) {
  test(`ResponseParser reads ${name}`, () => {
    assert.deepEqual(whole(text), { events, body, problem: undefined, isWhole: true });
  });

  test(`ResponseParser reads ${name}, cut at every byte`, () => {
    const bytes = Buffer.from(text, "latin1");
    // What is left over can only be seen in the piece that has the end.
    const expected = { events, body, problem: undefined, isWhole: true };
    const cuts = name === "surplus bytes" ? bytes.length - 1 : bytes.length;
    for (let cut = 0; cut < cuts; cut++) {
      assert.deepEqual(parse([bytes.subarray(0, cut), bytes.subarray(cut)]), expected, `${cut}`);
    }
    if (cuts < bytes.length) return;
    assert.deepEqual(parse([...bytes].map((byte) => Buffer.from([byte]))), expected);
  });
}

test("ResponseParser reads an answer to HEAD, which has no body", () => {
  const text = "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n";
  const { events, isWhole } = whole(text, true);
  assert.deepEqual(events, ['200 0 true -1 ["content-length","5000"]', "end undefined false"]);
  assert.ok(isWhole);
});

const headWith = (lines: string): string => `HTTP/1.1 200 OK\r\n${lines}\r\n\r\n`;
const chunked = "Transfer-Encoding: chunked";
const refused: [name: string, text: string, problem: RegExp][] = [
  ["another protocol", "SSH-2.0-OpenSSH_9.6\r\n\r\n", /status line is "SSH-2.0/],
  ["HTTP/2", "HTTP/2 200\r\n\r\n", /status line/],
  ["HTTP/1.2", "HTTP/1.2 200 OK\r\n\r\n", /status line/],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", /status line/],
  ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n", /status line/],
  ["status 000", "HTTP/1.1 000 OK\r\n\r\n", /status line/],
  ["an empty line first", "\r\nHTTP/1.1 200 OK\r\n\r\n", /status line/],
  ["a line feed in the status line", "HTTP/1.1 200 O\nK\r\n\r\n", /status line/],
  ["switching protocols", "HTTP/1.1 101 Switching Protocols\r\n\r\n", /switches protocols/],
  ["two lengths", headWith("Content-Length: 1\r\nContent-Length: 2"), /two content-length/],
  [
    "the same length twice",
    headWith("Content-Length: 1\r\ncontent-length: 1"),
    /two content-length/,
  ],
  ["a list of lengths", headWith("Content-Length: 1, 1"), /content-length is "1, 1"/],
  ["a signed length", headWith("Content-Length: +1"), /content-length/],
  ["a negative length", headWith("Content-Length: -1"), /content-length/],
  ["an empty length", headWith("Content-Length:"), /content-length/],
  ["a hexadecimal length", headWith("Content-Length: 0x10"), /content-length/],
  ["a length beyond 2^53", headWith("Content-Length: 99999999999999999999"), /content-length/],
  ["chunks and a length", headWith(`${chunked}\r\nContent-Length: 3`), /both/],
  ["a length and chunks", headWith(`Content-Length: 3\r\n${chunked}`), /both/],
  ["another encoding", headWith("Transfer-Encoding: gzip, chunked"), /transfer-encoding/],
  ["identity", headWith("Transfer-Encoding: identity"), /transfer-encoding/],
  ["chunks twice", headWith(`${chunked}\r\n${chunked}`), /transfer-encoding/],
  ["chunks in HTTP/1.0", `HTTP/1.0 200 OK\r\n${chunked}\r\n\r\n`, /transfer-encoding/],
  ["a line without a name", headWith(": a"), /header line is ": a/],
  ["a line without a colon", headWith("abc"), /header line/],
  ["a blank before the colon", headWith("Content-Length : 3"), /header line/],
  ["a folded line", headWith("A: b\r\n c"), /header line/],
  ["a lone carriage return", headWith("A: b\rc"), /header line/],
  ["a lone line feed", headWith("A: b\nContent-Length: 3"), /header line/],
  ["a NUL", headWith("A: b\0c"), /NUL/],
  ["a NUL in a name", headWith("A\0: b"), /header line/],
  ["501 header lines", headWith("A: b\r\n".repeat(501) + "C: d"), /more than 500 header lines/],
  ["a head of more than 64 KiB", headWith(`A: ${"b".repeat(65_536)}`), /longer than 64 KiB/],
  ["a head that never ends", `HTTP/1.1 200 OK\r\nA: ${"b".repeat(65_536)}`, /longer than 64 KiB/],
  [
    "interim answers without end",
    "HTTP/1.1 102 Processing\r\n\r\n".repeat(3000),
    /longer than 64 KiB/,
  ],
  ["a chunk without a size", headWith(chunked) + "\r\n", /chunk/],
  ["a chunk of no number", headWith(chunked) + "x\r\n", /chunk/],
  ["a chunk of a negative size", headWith(chunked) + "-1\r\n", /chunk/],
  ["a chunk size with 0x", headWith(chunked) + "0x1\r\na\r\n", /chunk/],
  ["a chunk of 14 digits", headWith(chunked) + "00000000000001\r\na\r\n", /chunk/],
  ["a chunk line with a line feed only", headWith(chunked) + "1\na\r\n", /chunk/],
  ["a chunk extension with a line feed", headWith(chunked) + "1;a\nb\r\na\r\n", /chunk/],
  ["a chunk line that never ends", headWith(chunked) + `1;${"a".repeat(1100)}`, /chunk/],
  ["a chunk longer than its size", headWith(chunked) + "1\r\nabc", /longer than its size/],
  ["a chunk followed by a line feed only", headWith(chunked) + "1\r\na\n", /longer than its size/],
  ["a bad trailer", headWith(chunked) + "0\r\nA b\r\n\r\n", /header line/],
  ["endless trailers", headWith(chunked) + `0\r\n${"A: b\r\n".repeat(12_000)}`, /trailers/],
];

for (const [name, text, problem] of refused) {
  test(`ResponseParser refuses ${name} (CL-8, CL-19)`, () => {
    const bytes = Buffer.from(text, "latin1");
    assert.match(whole(text).problem ?? "", problem);
    assert.equal(whole(text).isWhole, false);
    const pieces: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 7) pieces.push(bytes.subarray(at, at + 7));
    assert.match(parse(pieces).problem ?? "", problem);
  });
}

const token = fc.stringMatching(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,20}$/);
const value = fc.stringMatching(/^[\x21-\x7e]([\x20-\x7e]{0,40}[\x21-\x7e])?$/);
const framingNames = /^(?:content-length|transfer-encoding|connection|keep-alive)$/i;
const lines = fc.array(
  fc.tuple(
    token.filter((name) => !framingNames.test(name)),
    value,
  ),
  { maxLength: 20 },
);
const chunks = fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 });

test("ResponseParser reads any valid response the same, however it is cut", () => {
  const property = fc.property(
    lines,
    chunks,
    fc.constantFrom("length", "chunks", "close"),
    fc.array(fc.nat(), { maxLength: 12 }),
    (header, parts, form, cuts) => {
      const body = Buffer.concat(parts);
      let head = "HTTP/1.1 200 OK\r\n";
      for (const [name, text] of header) head += `${name}: ${text}\r\n`;
      if (form === "length") head += `Content-Length: ${body.length}\r\n`;
      if (form === "chunks") head += `${chunked}\r\n`;
      const pieces = [Buffer.from(`${head}\r\n`, "latin1")];
      for (const part of parts) {
        if (form === "chunks") pieces.push(Buffer.from(`${part.length.toString(16)}\r\n`));
        pieces.push(Buffer.from(part));
        if (form === "chunks") pieces.push(Buffer.from("\r\n"));
      }
      if (form === "chunks") pieces.push(Buffer.from("0\r\n\r\n"));
      const bytes = Buffer.concat(pieces);
      const at = [...new Set(cuts.map((cut) => cut % bytes.length))].sort((a, b) => a - b);
      const cut = [0, ...at].map((from, index) => bytes.subarray(from, at[index]));
      const found = parse(cut);
      assert.deepEqual(found, parse([bytes]));
      assert.equal(found.problem, undefined);
      assert.equal(found.isWhole, true);
      assert.equal(found.body, body.toString("latin1"));
      const names = header.flatMap(([name, text]) => [name.toLowerCase(), text]);
      assert.ok(found.events[0]?.includes(JSON.stringify(names).slice(1, -1)));
    },
  );
  fc.assert(property, { numRuns: 300 });
});

const grammar = fc.constantFrom(
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.0 100 C\r\n\r\n",
  "Content-Length: 5\r\n",
  `${chunked}\r\n`,
  "\r\n",
  "\n",
  "5\r\n",
  "0\r\n",
  "hello",
  ":",
  "\0",
  " ",
);
const garbage = fc.array(
  fc.oneof(
    grammar.map((text) => Buffer.from(text)),
    fc.uint8Array({ maxLength: 20 }).map((bytes) => Buffer.from(bytes)),
  ),
  { maxLength: 20 },
);

test("ResponseParser takes any bytes without throwing, whole or in pieces (CL-19)", () => {
  const property = fc.property(garbage, (pieces) => {
    const bytes = Buffer.concat(pieces);
    const one = parse([bytes]);
    const each = parse([...bytes].map((byte) => Buffer.from([byte])));
    assert.equal(each.problem === undefined, one.problem === undefined);
    assert.equal(each.isWhole, one.isWhole);
    assert.equal(each.body, one.body);
  });
  fc.assert(property, { numRuns: 2000 });
});
