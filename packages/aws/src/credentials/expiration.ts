/**
 * The end of temporary keys as services, files and programs write it: ISO 8601 (without an offset:
 * UTC; old SSO caches end in `UTC`), or milliseconds since the epoch (SSO).
 * @returns `undefined` for anything else.
 */
export function parseExpiration(value: unknown): Date | undefined {
  if (value instanceof Date) return validDate(value);
  if (typeof value === "number" || typeof value === "bigint") {
    return validDate(new Date(Number(value)));
  }
  if (typeof value !== "string") return undefined;
  const match = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?) ?(.*)$/.exec(value);
  if (match === null) return undefined;
  const zone = match[3] === "" || match[3] === "UTC" ? "Z" : match[3];
  return validDate(new Date(`${match[1]}T${match[2]}${zone}`));
}

function validDate(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}
