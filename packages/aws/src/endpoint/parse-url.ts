/** A URL as the endpoint rules see it. */
export interface RuleUrl {
  readonly scheme: string;
  /** Host and port. */
  readonly authority: string;
  /** As written; empty for none. */
  readonly path: string;
  /** Percent-encoded, without dot segments, with a slash at both ends. */
  readonly normalizedPath: string;
  readonly isIp: boolean;
}

const urlPattern =
  /^(https?):\/\/((?:\[[0-9a-f:.%]+\]|[^/?#:@[\]\s\\]+)(?::\d{1,5})?)((?:\/[^?#\s]*)?)$/i;
const ipv4Pattern = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$|:)|(?=$|:))){4}(?::\d+)?$/;

/** The rules' `parseURL`: `undefined` for another scheme, a query, a fragment, credentials. */
export function parseUrl(text: string): RuleUrl | undefined {
  const match = urlPattern.exec(text);
  if (match === null) return undefined;
  const [, scheme = "", authority = "", path = ""] = match;
  return {
    scheme: scheme.toLowerCase(),
    authority,
    path,
    normalizedPath: normalizePath(path),
    isIp: authority.startsWith("[") || ipv4Pattern.test(authority),
  };
}

/** Whether this is an IPv4 address, with or without a port. */
export function isIpv4(authority: string): boolean {
  return ipv4Pattern.test(authority);
}

function normalizePath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(encodeSegment(segment));
  }
  return kept.length === 0 ? "/" : `/${kept.join("/")}/`;
}

/** Percent-encodes what a path cannot hold; what is encoded already stays. */
export function encodePath(path: string): string {
  return path.split("/").map(encodeSegment).join("/");
}

function encodeSegment(segment: string): string {
  return segment.replace(/%(?![0-9a-f]{2})|[^A-Za-z0-9\-._~!$&'()*+,;=:@%]+/giu, (piece) =>
    encodeURIComponent(piece.toWellFormed()),
  );
}
