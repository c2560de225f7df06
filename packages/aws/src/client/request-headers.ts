/** Takes the length that a body is said to have out of the headers: the transport writes them itself. */
export function takeLength(headers: string[]): number | undefined {
  const at = headers.indexOf("content-length");
  if (at < 0) return undefined;
  const [, value] = headers.splice(at, 2);
  return Number(value);
}

/** Adds a caller's own headers to names in lower case and values, alternating; they win. */
export function addHeaders(headers: string[], extra: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(extra)) {
    if ((value as string | undefined) === undefined) continue;
    const lower = name.toLowerCase();
    const at = nameIndex(headers, lower);
    if (at >= 0) headers[at + 1] = value;
    else headers.push(lower, value);
  }
}

function nameIndex(headers: readonly string[], name: string): number {
  for (let i = 0; i < headers.length; i += 2) if (headers[i] === name) return i;
  return -1;
}
