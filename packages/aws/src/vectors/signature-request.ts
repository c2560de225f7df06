import { encodeStrict } from "../sigv4/canonical-path.ts";
import type { SignableRequest } from "../sigv4/request-signer.ts";

/** A request as a `request.txt` or a signed request has it. */
export interface RawRequest extends SignableRequest {
  /** As in the file: neither encoded nor normalised. */
  readonly target: string;
  readonly body: string;
}

/** Parses a request; lines that begin with white space continue the header before. */
export function parseRequest(text: string): RawRequest {
  const [head = "", ...rest] = text.replaceAll("\r\n", "\n").split("\n\n");
  const [requestLine = "", ...lines] = head.split("\n");
  const [, method = "", target = ""] = /^(\S+) (.*?)(?: HTTP\/1\.1)?$/.exec(requestLine) ?? [];
  const headers: string[] = [];
  for (const line of lines) {
    const at = line.indexOf(":");
    if (/^\s/.test(line)) headers[headers.length - 1] += ` ${line.trim()}`;
    else if (at > 0) headers.push(line.slice(0, at).toLowerCase(), line.slice(at + 1));
  }
  const mark = target.indexOf("?");
  const query = mark < 0 ? [] : target.slice(mark + 1).split("&");
  return {
    method,
    target,
    path: mark < 0 ? target : target.slice(0, mark),
    query: query.filter((pair) => pair !== "").map(encodePair),
    headers,
    body: rest.join("\n\n"),
  };
}

/** Pairs of the files are not all encoded. */
function encodePair(pair: string): string {
  const at = pair.indexOf("=");
  if (at < 0) return encode(pair);
  return `${encode(pair.slice(0, at))}=${encode(pair.slice(at + 1))}`;
}

function encode(text: string): string {
  return encodeStrict(decodeURIComponent(text));
}
