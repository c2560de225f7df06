/** What the server itself adds to the head of a reply. */
export interface ReplyFraming {
  /** `Date: …` with its CRLF. */
  readonly dateLine: string;
  /** Whether the connection ends with this reply. */
  readonly close: boolean;
  /** Bytes of the body; `"chunked"`; or `undefined` when the head says nothing about it. */
  readonly length: number | "chunked" | undefined;
}

/** Reason phrases of the statuses that are sent (RFC 9110 §15). */
const REASONS: readonly (readonly [number, string])[] = [
  [100, "Continue"],
  [200, "OK"],
  [201, "Created"],
  [202, "Accepted"],
  [204, "No Content"],
  [206, "Partial Content"],
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [304, "Not Modified"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [411, "Length Required"],
  [412, "Precondition Failed"],
  [413, "Content Too Large"],
  [415, "Unsupported Media Type"],
  [416, "Range Not Satisfiable"],
  [417, "Expectation Failed"],
  [422, "Unprocessable Content"],
  [424, "Failed Dependency"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
];

const STATUS_LINES = new Map(
  REASONS.map(([status, reason]) => [status, `HTTP/1.1 ${status} ${reason}\r\n`]),
);

/** Interim reply to `Expect: 100-continue`. */
export const CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n";

/** Renders the head of a reply; `headers` are complete lines. */
export function renderReplyHead(status: number, headers: string, framing: ReplyFraming): string {
  const { dateLine, close, length } = framing;
  const statusLine = STATUS_LINES.get(status) ?? `HTTP/1.1 ${status} \r\n`;
  let lengthLine = "";
  if (length === "chunked") lengthLine = "Transfer-Encoding: chunked\r\n";
  else if (length !== undefined) lengthLine = `Content-Length: ${length}\r\n`;
  return `${statusLine}${headers}${dateLine}${lengthLine}${close ? "Connection: close\r\n\r\n" : "\r\n"}`;
}

/** Whether replies of this status never have a body (RFC 9110 §6.4.1). */
export function isBodiless(status: number): boolean {
  return status === 204 || status === 304 || status < 200;
}

/** Renders a reply without a body that ends its connection. */
export function renderRefusal(status: number, dateLine: string): string {
  return renderReplyHead(status, "", { dateLine, close: true, length: 0 });
}
