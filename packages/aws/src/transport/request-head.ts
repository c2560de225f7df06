import type { HttpRequest } from "./transport.ts";

/** How requests to an origin name their target. */
export interface RequestTarget {
  /** `http://host:port` before the path when a proxy forwards the request; else empty. */
  readonly prefix: string;
  /** Header lines for the proxy, each with its line end; else empty. */
  readonly proxyLines: string;
}

const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const visible = /^[\x21-\x7e]+$/;
const plainText = /^[\t\x20-\x7e]*$/;
const control = /[^\t\x20-\x7e\x80-\uffff]/;
const ascii = /^[\0-\x7f]*$/;

/**
 * The head of a request, its last line end included, one byte per character: text beyond ASCII is
 * already UTF-8. Nothing that a caller gives can begin a new line (RFC 9112 §11).
 * @throws TypeError when the method, the path or a header could not be sent as it is.
 */
export function renderHead(request: HttpRequest, target: RequestTarget, length: number): string {
  const { method, path, headers } = request;
  if (!token.test(method)) refuse("method", method, "it is not a token");
  if (path.charCodeAt(0) !== 0x2f || !visible.test(path)) {
    refuse("path", path, 'it must begin with "/" and be percent-encoded');
  }
  let head = `${method} ${target.prefix}${path} HTTP/1.1\r\n`;
  for (let at = 0; at + 1 < headers.length; at += 2) {
    const name = headers[at] as string;
    const value = headers[at + 1] as string;
    if (isOwn(name)) continue;
    if (!token.test(name)) refuse("header name", name, "it is not a token");
    head += `${name}: ${plainText.test(value) ? value : encodeValue(name, value)}\r\n`;
  }
  return `${head}${target.proxyLines}${framing(request, length)}\r\n`;
}

/** Whether one byte stands for each character, in UTF-8, too. */
export function isAscii(text: string): boolean {
  return ascii.test(text);
}

/** `length`: bytes of the body, -1 for a body in chunks. */
function framing({ method, body, expectContinue }: HttpRequest, length: number): string {
  const expect = expectContinue ? "expect: 100-continue\r\n" : "";
  if (length < 0) return `transfer-encoding: chunked\r\n${expect}`;
  if (length > 0 || typeof body === "object") return `content-length: ${length}\r\n${expect}`;
  // RFC 9110 §8.6: a method that usually has a body says that it has none.
  const hasBody = method === "POST" || method === "PUT" || method === "PATCH";
  return hasBody ? "content-length: 0\r\n" : "";
}

/** Headers of framing come from the transport alone: a second one could say something else. */
function isOwn(name: string): boolean {
  switch (name.length) {
    case 6:
      return name === "expect" || name.toLowerCase() === "expect";
    case 10:
      return name === "connection" || name.toLowerCase() === "connection";
    case 14:
      return name === "content-length" || name.toLowerCase() === "content-length";
    case 17:
      return name === "transfer-encoding" || name.toLowerCase() === "transfer-encoding";
    default:
      return false;
  }
}

function encodeValue(name: string, value: string): string {
  if (control.test(value)) {
    refuse("header", name, "its value has a line break or another control character; remove it");
  }
  // The bytes that were signed: signing hashes the UTF-8 form.
  return Buffer.from(value, "utf8").toString("latin1");
}

function refuse(what: string, value: string, reason: string): never {
  throw new TypeError(`Cannot send request: ${what} ${JSON.stringify(value)}: ${reason}`);
}
