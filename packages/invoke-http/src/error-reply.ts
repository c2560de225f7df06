import { type HostError, type HostErrorRule, hostErrors } from "@lambdad/core";

/** A reply as the HTTP server takes it: `headers` are lines, each ended by CRLF. */
export interface ErrorReply {
  readonly status: number;
  readonly headers: string;
  readonly body: string;
}

/** Seconds after which a caller may try again what passes by itself (reliability.md HT-11, HT-12). */
const retryAfterSeconds = 1;

/** What the Invoke API says when the host could not run the function: the only place that knows. */
export function renderHostError(error: HostError, requestId: string): ErrorReply {
  const rule: HostErrorRule = hostErrors[error.code];
  const { status, type, messageMember } = rule;
  const members: Record<string, string | null> = {};
  if (error.reason !== undefined) members["Reason"] = error.reason;
  if (type !== undefined) members["Type"] = type;
  members[messageMember] = error.message === "" ? null : error.message;
  const headers = errorHeaders(rule.wireName ?? error.code, requestId);
  const passesByItself = status === 429 || status === 503;
  return {
    status,
    headers: passesByItself ? `${headers}Retry-After: ${retryAfterSeconds}\r\n` : headers,
    body: JSON.stringify(members),
  };
}

/** A path that is none of ours: AWS's front end has the same name for it. */
export function renderUnknownOperation(requestId: string): ErrorReply {
  return {
    status: 404,
    headers: errorHeaders("UnknownOperationException", requestId),
    body: '{"message":"There is no operation with this path"}',
  };
}

/** @param allow the methods that the path has, as the header `Allow` lists them. */
export function renderMethodNotAllowed(allow: string, requestId: string): ErrorReply {
  return {
    status: 405,
    headers: `${errorHeaders("MethodNotAllowedException", requestId)}Allow: ${allow}\r\n`,
    body: '{"message":"The method is not allowed on this path"}',
  };
}

function errorHeaders(name: string, requestId: string): string {
  return `Content-Type: application/json\r\nx-amzn-RequestId: ${requestId}\r\nx-amzn-ErrorType: ${name}\r\n`;
}
