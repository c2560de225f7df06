import { badRequest, type HttpFault } from "./http-fault.ts";
import { SPACE, TARGET_OCTETS, TOKEN_OCTETS } from "./octets.ts";

/** Where the parts of a request line are, in the octets that were parsed. */
export interface RequestLine {
  methodEnd: number;
  targetStart: number;
  targetEnd: number;
  /** Of the first `?` of the target, or `targetEnd`. */
  queryMark: number;
  http10: boolean;
}

const VERSION_LENGTH = "HTTP/1.1".length;
const QUESTION_MARK = 0x3f;

/** `HTTP/1.` */
const VERSION_PREFIX = Buffer.from("HTTP/1.", "latin1");

/**
 * Parses `method SP target SP version` (RFC 9112 §3) between two offsets. One space each, no HTTP/0.9.
 *
 * @returns why the line is refused, or `undefined` when `line` has been filled.
 */
export function parseRequestLine(
  octets: Buffer,
  range: { readonly start: number; readonly end: number },
  line: RequestLine,
): HttpFault | undefined {
  const { start, end } = range;
  let i = start;
  while (i < end && TOKEN_OCTETS[octets[i]!] === 1) i += 1;
  if (i === start || i === end || octets[i] !== SPACE) return badRequest("Malformed request line");
  line.methodEnd = i;
  i += 1;
  line.targetStart = i;
  line.queryMark = -1;
  while (i < end && TARGET_OCTETS[octets[i]!] === 1) {
    if (octets[i] === QUESTION_MARK && line.queryMark === -1) line.queryMark = i;
    i += 1;
  }
  if (i === line.targetStart) return badRequest("Malformed request target");
  if (i === end) return badRequest("Request line without a version");
  if (octets[i] !== SPACE) return badRequest("Malformed request target");
  line.targetEnd = i;
  if (line.queryMark === -1) line.queryMark = i;
  i += 1;
  if (end - i !== VERSION_LENGTH) return badRequest("Malformed HTTP version");
  for (let k = 0; k < VERSION_PREFIX.length; k += 1) {
    if (octets[i + k] !== VERSION_PREFIX[k]) return badRequest("Malformed HTTP version");
  }
  const minor = octets[end - 1];
  if (minor !== 0x30 && minor !== 0x31) return badRequest("Unsupported HTTP version");
  line.http10 = minor === 0x30;
  return undefined;
}
