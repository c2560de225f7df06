import { badRequest, type HttpFault } from "./http-fault.ts";
import type { RequestLine } from "./request-line.ts";

/** The target of a request in parts, still percent-encoded. */
export interface RequestTarget {
  readonly path: string;
  readonly query: string;
}

const SLASH = 0x2f;
const ABSOLUTE_FORM = /^https?:\/\/([^/?]*)/i;

/**
 * Takes the target apart (RFC 9112 §3.2): origin form; absolute form, whose authority must be the one
 * that `Host` names; and `*`, for OPTIONS.
 */
export function parseTarget(
  text: string,
  line: RequestLine,
  request: { readonly method: string; readonly host: string | undefined },
): RequestTarget | HttpFault {
  const { targetStart, targetEnd, queryMark } = line;
  if (text.charCodeAt(targetStart) === SLASH) {
    return {
      path: text.slice(targetStart, queryMark),
      query: queryMark === targetEnd ? "" : text.slice(queryMark + 1, targetEnd),
    };
  }
  const target = text.slice(targetStart, targetEnd);
  if (target === "*" && request.method === "OPTIONS") return { path: "*", query: "" };
  const authority = ABSOLUTE_FORM.exec(target);
  if (authority === null) return badRequest("Malformed request target");
  if (authority[1]!.toLowerCase() !== request.host?.toLowerCase()) {
    return badRequest("The authority of the target is not the one of Host");
  }
  const rest = target.slice(authority[0].length);
  const mark = rest.indexOf("?");
  const path = mark === -1 ? rest : rest.slice(0, mark);
  return { path: path === "" ? "/" : path, query: mark === -1 ? "" : rest.slice(mark + 1) };
}
