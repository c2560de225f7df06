import { member } from "../expression/values.ts";

/** How many items a result has: of a list, entries of a map, or characters of a text; else none. */
export function itemCount(result: unknown): number {
  if (Array.isArray(result) || typeof result === "string") return result.length;
  return isMap(result) ? Object.keys(result).length : 0;
}

/** A part of a result, counted as `itemCount` counts. What has no items stays as it is. */
export function sliceItems(result: unknown, start: number, end?: number): unknown {
  if (Array.isArray(result) || typeof result === "string") return result.slice(start, end);
  return isMap(result) ? Object.fromEntries(Object.entries(result).slice(start, end)) : result;
}

/** The items of a result: of a list, entries of a map; anything else is one item itself. */
export function itemsOf(result: unknown): readonly unknown[] {
  if (result === undefined || result === null) return [];
  if (Array.isArray(result)) return result;
  return isMap(result) ? Object.entries(result) : [result];
}

/** A result without its items, as when they were used with an earlier run. Numbers stay: they count what the service looked at. */
export function emptied(result: unknown): unknown {
  if (typeof result === "number" || typeof result === "bigint") return result;
  if (Array.isArray(result)) return [];
  if (typeof result === "string") return "";
  return undefined;
}

/** Puts a value where a result key (`Name`, `Outer.Name`) points to, if the way there exists. */
export function setAt(page: Record<string, unknown>, key: string, value: unknown): void {
  const names = key.split(".");
  const last = names.pop() ?? "";
  let place: unknown = page;
  for (const name of names) place = member(place, name);
  if (!isMap(place)) return;
  if (value === undefined) delete place[last];
  else place[last] = value;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof Uint8Array) &&
    !(value instanceof Date)
  );
}
