import { headerLinesMax, keepAliveMsMax } from "./limits.ts";

/** What the head of a response says. One object per connection is filled again and again. */
export interface ResponseHead {
  status: number;
  /** Lower-case names and values, alternating; a new array for each head. */
  headers: string[];
  /** Of `content-length`; -1: none. */
  contentLength: number;
  chunked: boolean;
  /** Neither the version nor the `connection` header forbids another exchange. */
  persistent: boolean;
  /** From `Keep-Alive: timeout`, less a second; -1: not said. */
  keepAliveMs: number;
}

/** An empty head, to be filled. */
export function newResponseHead(): ResponseHead {
  return {
    status: 0,
    headers: [],
    contentLength: -1,
    chunked: false,
    persistent: false,
    keepAliveMs: -1,
  };
}

const statusLine = /^HTTP\/1\.[01] [1-9]\d\d(?: |$)/;

/**
 * Reads a head: status line and header lines, without the empty line at the end.
 * @returns what is wrong with it, or `undefined`.
 */
export function parseHead(text: string, head: ResponseHead): string | undefined {
  let lineEnd = text.indexOf("\r\n");
  if (lineEnd < 0) lineEnd = text.length;
  const first = text.slice(0, lineEnd);
  if (!statusLine.test(first) || hasControl(first)) {
    return `its status line is ${JSON.stringify(first.slice(0, 100))}`;
  }
  const isOld = first.charCodeAt(7) === 0x30;
  head.status = digits(first, 9, 12);
  head.headers = [];
  head.contentLength = -1;
  head.chunked = false;
  head.persistent = !isOld;
  head.keepAliveMs = -1;
  const problem = parseHeaderLines(text, lineEnd + 2, head.headers);
  if (problem !== undefined) return problem;
  return readFraming(head, isOld);
}

// 0: not in a token; 1: in a token; 2: an upper-case letter.
const tokenKinds = new Uint8Array(256);
for (const c of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  tokenKinds[c.charCodeAt(0)] = 1;
}
for (const c of "ABCDEFGHIJKLMNOPQRSTUVWXYZ") tokenKinds[c.charCodeAt(0)] = 2;

/**
 * Reads header lines, separated by CRLF, into names and values.
 * @returns what is wrong with them, or `undefined`.
 */
export function parseHeaderLines(text: string, start: number, into: string[]): string | undefined {
  let at = start;
  while (at < text.length) {
    let nameEnd = at;
    let kind = 0;
    let upper = false;
    while ((kind = tokenKinds[text.charCodeAt(nameEnd)] ?? 0) !== 0) {
      if (kind === 2) upper = true;
      nameEnd++;
    }
    if (nameEnd === at || text.charCodeAt(nameEnd) !== 0x3a) return badLine(text, at);
    let lineEnd = text.indexOf("\r", nameEnd);
    if (lineEnd < 0) lineEnd = text.length;
    else if (text.charCodeAt(lineEnd + 1) !== 0x0a) return badLine(text, at);
    let from = nameEnd + 1;
    let to = lineEnd;
    while (from < to && isBlank(text.charCodeAt(from))) from++;
    while (to > from && isBlank(text.charCodeAt(to - 1))) to--;
    const name = text.slice(at, nameEnd);
    if (into.push(upper ? name.toLowerCase() : name, text.slice(from, to)) > 2 * headerLinesMax) {
      return `it has more than ${headerLinesMax} header lines`;
    }
    const newline = text.indexOf("\n", nameEnd);
    if (newline >= 0 && newline !== lineEnd + 1) return badLine(text, at);
    at = lineEnd + 2;
  }
  return text.includes("\0", start) ? "a header has a NUL" : undefined;
}

/** Decides the length of the body as RFC 9112 §6.3 does, and refuses what is ambiguous (§11.2). */
function readFraming(head: ResponseHead, isOld: boolean): string | undefined {
  const { headers } = head;
  let connection = "";
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at] as string;
    const { length } = name;
    if (length !== 10 && length !== 14 && length !== 17) continue;
    const value = headers[at + 1] as string;
    if (name === "content-length") {
      if (head.contentLength >= 0) return "it has two content-length headers";
      if (!/^\d{1,15}$/.test(value)) return `its content-length is ${JSON.stringify(value)}`;
      head.contentLength = digits(value, 0, value.length);
    } else if (name === "transfer-encoding") {
      if (head.chunked || isOld || value.toLowerCase() !== "chunked") {
        return `its transfer-encoding is ${JSON.stringify(value)}`;
      }
      head.chunked = true;
    } else if (name === "connection") {
      connection += `${value.toLowerCase()},`;
    } else if (name === "keep-alive") {
      const seconds = /(?:^|[,\s])timeout=(\d{1,9})/i.exec(value)?.[1];
      if (seconds !== undefined) {
        head.keepAliveMs = Math.min(Math.max(Number(seconds) - 1, 0) * 1000, keepAliveMsMax);
      }
    }
  }
  if (head.chunked && head.contentLength >= 0) {
    return "it has both content-length and transfer-encoding";
  }
  if (connection !== "") {
    if (/(?:^|[,\s])close[,\s]/.test(connection)) head.persistent = false;
    else if (/(?:^|[,\s])keep-alive[,\s]/.test(connection)) head.persistent = true;
  }
  return undefined;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) value = value * 10 + text.charCodeAt(at) - 0x30;
  return value;
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09;
}

function hasControl(line: string): boolean {
  return line.includes("\r") || line.includes("\n") || line.includes("\0");
}

function badLine(text: string, at: number): string {
  return `a header line is ${JSON.stringify(text.slice(at, at + 100))}`;
}
