/** One HTTP response, read by rules that are as plain as can be: nothing is repaired. */
export interface RawResponse {
  readonly status: number;
  readonly reason: string;
  /** Names in lower case; the last of repeated ones. */
  readonly headers: Readonly<Record<string, string>>;
  /** All header lines as sent. */
  readonly headerLines: readonly string[];
  /** Without its chunk framing. */
  readonly body: Buffer;
  /** Pieces of a chunked body; empty otherwise. */
  readonly chunks: readonly Buffer[];
  readonly trailers: Readonly<Record<string, string>>;
  /** Whether the body came to its end by its own framing. */
  readonly complete: boolean;
  /** Bytes that the response takes of what was read. */
  readonly byteLength: number;
}

export interface ParseRawResponseOptions {
  /** The connection has ended: what is there is all there will be. */
  readonly ended?: boolean;
  /** The response of a HEAD: its length says nothing about the bytes. */
  readonly bodiless?: boolean;
}

/**
 * Reads the first response of `bytes`.
 *
 * @returns `undefined` when more bytes are needed.
 * @throws {SyntaxError} when the bytes are not a response.
 */
export function parseRawResponse(
  bytes: Buffer,
  options: ParseRawResponseOptions = {},
): RawResponse | undefined {
  const headEnd = bytes.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [statusLine = "", ...headerLines] = bytes.toString("latin1", 0, headEnd).split("\r\n");
  const match = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(statusLine);
  if (match === null) throw new SyntaxError(`Cannot read a response: status line '${statusLine}'`);
  const status = Number(match[1]);
  const headers = parseFields(headerLines);
  const head = { status, reason: match[2] ?? "", headers, headerLines };
  const start = headEnd + 4;
  const nothing = { chunks: [], trailers: {}, body: Buffer.alloc(0) };
  if (options.bodiless === true || status < 200 || status === 204 || status === 304) {
    return { ...head, ...nothing, complete: true, byteLength: start };
  }
  if (headers["transfer-encoding"] === "chunked") {
    const chunked = parseChunked(bytes, start);
    if (!chunked.complete && options.ended !== true) return undefined;
    return { ...head, ...chunked, body: Buffer.concat(chunked.chunks) };
  }
  const declared = headers["content-length"];
  const length = declared === undefined ? undefined : Number(declared);
  const available = bytes.byteLength - start;
  if (length !== undefined && available >= length) {
    const body = bytes.subarray(start, start + length);
    return { ...head, ...nothing, body, complete: true, byteLength: start + length };
  }
  if (options.ended !== true) return undefined;
  const body = bytes.subarray(start);
  return {
    ...head,
    ...nothing,
    body,
    complete: length === undefined,
    byteLength: bytes.byteLength,
  };
}

interface Chunked {
  readonly chunks: Buffer[];
  readonly trailers: Record<string, string>;
  readonly complete: boolean;
  readonly byteLength: number;
}

function parseChunked(bytes: Buffer, start: number): Chunked {
  const chunks: Buffer[] = [];
  let offset = start;
  const broken = (): Chunked => ({
    chunks,
    trailers: {},
    complete: false,
    byteLength: bytes.byteLength,
  });
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", offset);
    if (lineEnd < 0) return broken();
    const sizeText = bytes.toString("latin1", offset, lineEnd);
    if (!/^[0-9a-fA-F]+$/.test(sizeText)) {
      throw new SyntaxError(`Cannot read a chunked body: size line '${sizeText}'`);
    }
    const size = Number.parseInt(sizeText, 16);
    offset = lineEnd + 2;
    if (size === 0) break;
    if (bytes.byteLength < offset + size + 2) return broken();
    chunks.push(bytes.subarray(offset, offset + size));
    offset += size + 2;
  }
  const lines: string[] = [];
  for (;;) {
    const lineEnd = bytes.indexOf("\r\n", offset);
    if (lineEnd < 0) return broken();
    const line = bytes.toString("latin1", offset, lineEnd);
    offset = lineEnd + 2;
    if (line === "") break;
    lines.push(line);
  }
  return { chunks, trailers: parseFields(lines), complete: true, byteLength: offset };
}

function parseFields(lines: readonly string[]): Record<string, string> {
  const fields: Record<string, string> = Object.create(null) as Record<string, string>;
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new SyntaxError(`Cannot read a header: '${line}'`);
    fields[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim();
  }
  return fields;
}
