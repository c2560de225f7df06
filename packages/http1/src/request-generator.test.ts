import { REQUEST_CORPUS } from "./request-corpus.test.ts";

/** Octets that parsers trip over. */
const SPECIAL = '\r\n\r\n\0\t :;,="\\#?%/*+-x0159aAfF\x0b\x7f\x80\xff';
const SPECIAL_OCTETS = SPECIAL.split("");
const METHODS = ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "BREW"];
const TARGETS = ["/", "/a", "/a?b=c", "/a%20b", "*", "http://a/b", "http://b/", "/a//b/../c", "a"];
const LINES = [
  "Host: a",
  "Host: b",
  "Content-Length: 3",
  "Content-Length: 0",
  "content-length: 3, 3",
  "Content-Length: +3",
  "Transfer-Encoding: chunked",
  "Transfer-Encoding: gzip, chunked",
  "transfer-encoding: chunked, identity",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: Upgrade",
  "Upgrade: h2c",
  "Expect: 100-continue",
  "X: 1",
  "X:",
  "X : 1",
  "Content-Length:\t3 \t",
  "Transfer-Encoding:\tchunked ",
  "Transfer-Encoding: ,chunked",
  "Transfer-Encoding: chunked,",
  "Connection: close,keep-alive",
  "Expect: 100-continue, x",
  " folded",
];
const BODIES = [
  "",
  "abc",
  "abcdef",
  "3\r\nabc\r\n0\r\n\r\n",
  "3;x=y\r\nabc\r\n0\r\n\r\n",
  "3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
  "0\r\n\r\n",
  "3\r\nabc\r\n",
  "4\r\nabc\r\n0\r\n\r\n",
];

/** A generator of numbers below a bound, the same ones for the same seed (mulberry32). */
export function seededRandom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** A stream of requests as Latin-1 text: valid, nearly valid, or cut to pieces. */
export function generateStream(random: (below: number) => number): string {
  const count = 1 + random(3);
  let stream = "";
  for (let i = 0; i < count; i += 1) {
    const kind = random(6);
    if (kind === 0) stream += pick(CORPUS, random);
    else if (kind === 1) stream += generateRequest(random);
    else stream += generateValidRequest(random);
  }
  const mutations = Math.max(0, random(6) - 2);
  for (let i = 0; i < mutations; i += 1) stream = mutate(stream, random);
  return stream;
}

const CORPUS = REQUEST_CORPUS.map(({ input }) => input).filter((input) => input.length < 1000);

const VALID_TARGETS = ["/", "/a", "/a?b=c", "/a%20b?", "http://a/b", "/a//b/../c"];
const VALID_LINES = ["X: 1", "X:", "Connection: keep-alive", "Expect: 100-continue", "Y: \t \xff "];
const VALID_BODIES: readonly (readonly [line: string, body: string])[] = [
  ["Y: 1", ""],
  ["Content-Length: 0", ""],
  ["Content-Length: 3", "abc"],
  ["content-length:003", "a\r\n"],
  ["Transfer-Encoding: chunked", "0\r\n\r\n"],
  ["Transfer-Encoding: Chunked", "3\r\nabc\r\n0\r\n\r\n"],
  ["Transfer-Encoding: chunked", '3;x="y"\r\nabc\r\n0A\r\n0\r\n\r\n567890\r\n0\r\nT: 1\r\n\r\n'],
];

function generateValidRequest(random: (below: number) => number): string {
  const [line, body] = pick(VALID_BODIES, random);
  const lines = ["Host: a", line];
  for (let i = random(3); i > 0; i -= 1) lines.splice(random(3), 0, pick(VALID_LINES, random));
  const head = `${pick(METHODS.slice(0, -1), random)} ${pick(VALID_TARGETS, random)} HTTP/1.1`;
  return `${[head, ...lines].join("\r\n")}\r\n\r\n${body}`;
}

function generateRequest(random: (below: number) => number): string {
  const version = random(8) === 0 ? "1.0" : "1.1";
  const lines = random(10) === 0 ? [] : ["Host: a"];
  for (let i = random(4); i > 0; i -= 1) lines.push(pick(LINES, random));
  const head = `${pick(METHODS, random)} ${pick(TARGETS, random)} HTTP/${version}`;
  return `${[head, ...lines].join("\r\n")}\r\n\r\n${pick(BODIES, random)}`;
}

function mutate(stream: string, random: (below: number) => number): string {
  const at = random(stream.length + 1);
  const end = Math.min(stream.length, at + 1 + random(8));
  switch (random(6)) {
    case 0:
      return stream.slice(0, at) + pick(SPECIAL_OCTETS, random) + stream.slice(at);
    case 1:
      return stream.slice(0, at) + pick(SPECIAL_OCTETS, random) + stream.slice(at + 1);
    case 2:
      return stream.slice(0, at) + stream.slice(end);
    case 3:
      return stream.slice(0, end) + stream.slice(at);
    case 4:
      return stream.slice(0, at) + String.fromCharCode(random(256)) + stream.slice(at + 1);
    default:
      return swapLines(stream, random);
  }
}

function swapLines(stream: string, random: (below: number) => number): string {
  const lines = stream.split("\r\n");
  const from = random(lines.length);
  const to = random(lines.length);
  const line = lines[from]!;
  lines[from] = lines[to]!;
  lines[to] = line;
  return lines.join("\r\n");
}

function pick<Item>(items: readonly Item[], random: (below: number) => number): Item {
  return items[random(items.length)]!;
}
