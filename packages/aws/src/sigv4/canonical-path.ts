const NOT_UNRESERVED = /[^A-Za-z0-9\-._~/]/;
const LEFT_BY_ENCODE = /[!'()*]/g;

/**
 * The path in the canonical request of every service but S3: dot segments and duplicate slashes
 * removed, then encoded once more, `/` kept. S3 takes the path as it is sent.
 *
 * @param path - as sent, so encoded once
 */
export function canonicalPath(path: string): string {
  if (path === "/" || path === "") return "/";
  const normalized = path.includes("//") || path.includes("/.") ? normalizePath(path) : path;
  return NOT_UNRESERVED.test(normalized) ? encodePath(normalized) : normalized;
}

function normalizePath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") kept.pop();
    else kept.push(segment);
  }
  const end = kept.length > 0 && path.endsWith("/") ? "/" : "";
  return `/${kept.join("/")}${end}`;
}

/** Encodes everything but unreserved characters and `/`. */
export function encodePath(path: string): string {
  return encodeStrict(path).replaceAll("%2F", "/");
}

/** RFC 3986: encodes everything but unreserved characters. */
export function encodeStrict(text: string): string {
  return encodeURIComponent(text).replace(
    LEFT_BY_ENCODE,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
