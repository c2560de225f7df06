/** A value of somebody else's in a message: whatever it is, it stays short. */
export function quoted(value: unknown): string {
  const text = typeof value === "string" ? value : jsonOf(value);
  return `'${text.length > 64 ? `${text.slice(0, 64)}...` : text}'`;
}

/** What can be parsed may still be too deep for the serialiser, which calls itself. */
function jsonOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    return "a deeply nested value";
  }
}

/** The value if it is an object and no array, `undefined` otherwise. */
export function asObject(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return value as Readonly<Record<string, unknown>>;
}
