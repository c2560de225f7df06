import type { Output } from "./protocol.ts";

/**
 * Puts one entry into a map. A key from the network never reaches a prototype; an entry without key
 * or value is dropped.
 */
export function putEntry(map: Output, key: string | undefined, value: unknown): void {
  if (key === undefined || value === undefined) return;
  if (key === "__proto__") {
    Object.defineProperty(map, key, {
      value,
      enumerable: true,
      writable: true,
      configurable: true,
    });
  } else map[key] = value;
}

/** Keeps an element that a union does not know, unless a member that it knows was there too. */
export function putUnknown(union: Output, unknown: readonly [string, string]): void {
  for (const key in union) if (Object.hasOwn(union, key)) return;
  union["$unknown"] = unknown;
}
