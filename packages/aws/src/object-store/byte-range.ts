import type { ByteRange } from "./object-storage.ts";

/** Bytes of an object: `end` is exclusive. */
export interface ResolvedRange {
  readonly start: number;
  readonly end: number;
}

const rangeForm = /^\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*$/i;

/**
 * The range of a header `Range`. `undefined`: it is not understood, or has several ranges, and the whole
 * is answered, as S3 does. Source: RFC 9110, 14.2.
 */
export function parseRange(text: string): ByteRange | undefined {
  const match = rangeForm.exec(text);
  if (match === null) return undefined;
  const [, first = "", last = ""] = match;
  if (first === "") return last === "" ? undefined : { suffix: Number(last) };
  const range = { first: Number(first), last: last === "" ? undefined : Number(last) };
  return range.last !== undefined && range.last < range.first ? undefined : range;
}

/** The bytes that an object of this size has of a range; `undefined`: none. */
export function resolveRange(range: ByteRange, size: number): ResolvedRange | undefined {
  if ("suffix" in range) {
    if (range.suffix === 0 || size === 0) return undefined;
    return { start: Math.max(0, size - range.suffix), end: size };
  }
  if (range.first >= size) return undefined;
  const end = range.last === undefined ? size : Math.min(size, range.last + 1);
  return { start: range.first, end };
}
