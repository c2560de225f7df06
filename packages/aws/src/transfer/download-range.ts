/** Bytes of an object, both ends included, as HTTP counts them. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** Where the bytes of an answer are in the object. */
export interface ContentRange extends ByteRange {
  /** Bytes of the whole object; `undefined`: the server does not say (`*`). */
  readonly total: number | undefined;
}

/**
 * What a caller's `Range` asks for. `from`: from a byte to another or to the end; `as-is`: the last
 * bytes, or a form that only the server can judge: it is asked for in one request.
 */
export type WantedRange =
  | { readonly kind: "from"; readonly start: number; readonly end: number | undefined }
  | { readonly kind: "as-is"; readonly text: string };

/** Reads the `Range` of an input (RFC 9110 §14.1.1); none is all bytes. */
export function parseRange(text: string | undefined): WantedRange {
  if (text === undefined) return { kind: "from", start: 0, end: undefined };
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(text);
  if (match === null) return { kind: "as-is", text };
  const start = Number(match[1]);
  const end = match[2] === "" ? undefined : Number(match[2]);
  // The server has a word for it.
  if (end !== undefined && end < start) return { kind: "as-is", text };
  return { kind: "from", start, end };
}

/** Reads `Content-Range`: `bytes 0-9/100`; `undefined`: it is none. */
export function parseContentRange(text: string | undefined): ContentRange | undefined {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(text ?? "");
  if (match === null) return undefined;
  const [start, end] = [Number(match[1]), Number(match[2])];
  const total = match[3] === "*" ? undefined : Number(match[3]);
  if (end < start || (total !== undefined && end >= total)) return undefined;
  return { start, end, total };
}

/** The `Range` header of bytes. */
export function rangeText({ start, end }: ByteRange): string {
  return `bytes=${start}-${end}`;
}

/** How many parts bytes are, when each but the last has `partSize` bytes. */
export function partCount({ start, end }: ByteRange, partSize: number): number {
  return Math.max(0, Math.ceil((end - start + 1) / partSize));
}

/** The part with a number, from 0. */
export function partAt({ start, end }: ByteRange, partSize: number, number: number): ByteRange {
  const first = start + number * partSize;
  return { start: first, end: Math.min(end, first + partSize - 1) };
}
