import { hasElement, isName } from "./field-lines.ts";
import { badRequest, type HttpFault } from "./http-fault.ts";
import { METHODS } from "./methods.ts";
import { HTAB, SPACE } from "./octets.ts";

/** A list of codings above this is not worth being looked at. */
const CODINGS_OCTETS_MAX = 256;

/** What the headers say about the message itself, and not about what it asks for. */
export interface Framing {
  /** 0 when there is no body; `undefined` when it is chunked. */
  readonly contentLength: number | undefined;
  readonly close: boolean;
  readonly expectsContinue: boolean;
  readonly host: string | undefined;
}

/**
 * Checks the fields that say where a message ends and who it is for (RFC 9112 §3.2, §6; RFC 9110
 * §10.1.1), more strictly than the RFC: whatever two readers could understand in two ways is refused.
 *
 * @param offsets four per field: start of the name, its colon, start and end of the value.
 */
export function parseFraming(
  text: string,
  offsets: readonly number[],
  request: { readonly method: string; readonly http10: boolean },
): Framing | HttpFault {
  const { method, http10 } = request;
  if (!METHODS.has(method)) return badRequest("Unknown method");
  if (method === "CONNECT") return { status: 405, reason: "CONNECT is not served" };
  let host: string | undefined;
  let length: string | undefined;
  let coding: string | undefined;
  let close = false;
  let expect: string | undefined;
  for (let i = 0; i < offsets.length; i += 4) {
    const start = offsets[i]!;
    const colon = offsets[i + 1]!;
    // Most fields are told apart by the length of their names alone.
    switch (colon - start) {
      case 4:
        if (!isName(text, start, colon, "host")) break;
        if (host !== undefined) return badRequest("Two Host headers");
        host = value(text, offsets, i);
        break;
      case 6:
        if (isName(text, start, colon, "expect")) expect = value(text, offsets, i);
        break;
      case 10:
        if (isName(text, start, colon, "connection")) {
          close ||= hasElement(value(text, offsets, i), "close");
        }
        break;
      case 14:
        if (!isName(text, start, colon, "content-length")) break;
        if (length !== undefined) return badRequest("Two Content-Length headers");
        if (hasTabBehind(text, offsets, i)) return badRequest("Malformed Content-Length");
        length = value(text, offsets, i);
        break;
      case 17:
        if (!isName(text, start, colon, "transfer-encoding")) break;
        if (coding !== undefined) return badRequest("Two Transfer-Encoding headers");
        if (hasTabBehind(text, offsets, i)) return badRequest("Malformed Transfer-Encoding");
        coding = value(text, offsets, i);
        break;
      default:
    }
  }
  if (host === undefined && !http10) return badRequest("No Host header");
  if (coding !== undefined) {
    const fault = length === undefined ? codingFault(coding, http10) : bothFault();
    if (fault !== undefined) return fault;
  }
  const contentLength = coding === undefined ? lengthOf(length) : undefined;
  if (Number.isNaN(contentLength)) return badRequest("Malformed Content-Length");
  const expectsContinue = !http10 && expect?.toLowerCase() === "100-continue";
  if (expect !== undefined && !http10 && !expectsContinue) {
    return { status: 417, reason: "Unknown expectation" };
  }
  return { contentLength, close, expectsContinue, host };
}

/** Digits only, and exact; `NaN` when it is anything else. */
function lengthOf(digits: string | undefined): number {
  if (digits === undefined) return 0;
  if (digits.length === 0) return Number.NaN;
  let length = 0;
  for (let i = 0; i < digits.length; i += 1) {
    const digit = digits.charCodeAt(i) - 0x30;
    if (digit < 0 || digit > 9) return Number.NaN;
    length = length * 10 + digit;
    if (length > Number.MAX_SAFE_INTEGER) return Number.NaN;
  }
  return length;
}

/** Other codings in front of `chunked`, tokens all of them. */
const CODED_CHUNKS = /^(?:[a-z-]+[ \t]*,[ \t]*)+chunked$/;

function codingFault(coding: string, http10: boolean): HttpFault | undefined {
  if (http10) return badRequest("Transfer-Encoding in HTTP/1.0");
  const codings = coding.toLowerCase();
  if (codings === "chunked") return undefined;
  if (codings.length > CODINGS_OCTETS_MAX) return badRequest("Malformed Transfer-Encoding");
  if (!/(?:^|[ \t,])chunked$/.test(codings)) {
    return badRequest("The last transfer coding is not chunked");
  }
  const once = codings.indexOf("chunked") === codings.length - "chunked".length;
  if (!once || !CODED_CHUNKS.test(codings)) return badRequest("Malformed Transfer-Encoding");
  return { status: 501, reason: "Unknown transfer coding" };
}

function bothFault(): HttpFault {
  return badRequest("Content-Length with Transfer-Encoding");
}

function value(text: string, offsets: readonly number[], i: number): string {
  return text.slice(offsets[i + 2], offsets[i + 3]);
}

/** Whether blanks other than spaces follow a value: not every reader takes them for blanks. */
function hasTabBehind(text: string, offsets: readonly number[], i: number): boolean {
  let end = offsets[i + 3]!;
  while (text.charCodeAt(end) === SPACE) end += 1;
  return text.charCodeAt(end) === HTAB;
}
