/** The headers that a signature covers. */
export interface CanonicalHeaders {
  /** `name:value\n` for each, in order. */
  readonly lines: string;
  /** `content-type;host;x-amz-date` */
  readonly names: string;
}

/**
 * Headers that are never signed, since a proxy may change them: the list of the official
 * JavaScript SDK, and `accept-encoding`, `amz-sdk-…`, `proxy-…`, `sec-…`.
 */
const NEVER_SIGNED: ReadonlySet<string> = new Set([
  "accept-encoding",
  "amz-sdk-invocation-id",
  "amz-sdk-request",
  "authorization",
  "cache-control",
  "connection",
  "expect",
  "from",
  "keep-alive",
  "max-forwards",
  "pragma",
  "referer",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "x-amzn-trace-id",
]);

/** Whether a signature covers the header. `name` is in lower case. */
export function isSigned(name: string): boolean {
  if (NEVER_SIGNED.has(name)) return false;
  return !(name.startsWith("proxy-") || name.startsWith("sec-"));
}

// Used by one synchronous call at a time, so that sorting allocates nothing.
const order: number[] = [];

/**
 * The headers as the canonical request has them: sorted by name, values trimmed and their inner
 * runs of spaces and tabs collapsed, values of a repeated name joined with a comma.
 *
 * @param headers - names in lower case and values, alternating; not changed
 */
export function canonicalHeaders(headers: readonly string[]): CanonicalHeaders {
  let count = 0;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (!isSigned(name)) continue;
    // The list is nearly sorted, so insertion beats a general sort. It keeps equal names in order.
    let at = count;
    for (; at > 0; at--) {
      const before = order[at - 1] as number;
      if ((headers[before] as string) <= name) break;
      order[at] = before;
    }
    order[at] = index;
    count += 1;
  }
  return joinHeaders(headers, count);
}

function joinHeaders(headers: readonly string[], count: number): CanonicalHeaders {
  let lines = "";
  let names = "";
  let previous = "";
  for (let position = 0; position < count; position++) {
    const index = order[position] as number;
    const name = headers[index] as string;
    const value = canonicalValue(headers[index + 1] as string);
    if (name === previous) {
      lines += "," + value;
    } else {
      lines += position === 0 ? name + ":" + value : "\n" + name + ":" + value;
      names += position === 0 ? name : ";" + name;
    }
    previous = name;
  }
  return { lines: count === 0 ? "" : lines + "\n", names };
}

/** Only the canonical form is collapsed: the header itself is sent as given. */
function canonicalValue(value: string): string {
  if (!value.includes(" ") && !value.includes("\t")) return value;
  return value.replaceAll(/[ \t]+/g, " ").trim();
}
