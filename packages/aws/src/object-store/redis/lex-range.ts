import type { ListPosition } from "../object-storage.ts";

/** Bounds of a range by bytes, as `ZRANGE … BYLEX` takes them. */
export interface LexRange {
  readonly min: Buffer;
  readonly max: Buffer;
}

/** Behind every byte that UTF-8 has: behind all keys that begin with what is before it. */
const last = Buffer.of(0xff);
const inclusive = Buffer.from("[");
const exclusive = Buffer.from("(");
const end = Buffer.from("+");
const start = Buffer.from("-");

/** The keys of a listing, as a range: those with the prefix that are behind where it stands. */
export function lexRange({ prefix, after, past }: ListPosition): LexRange {
  const first = Buffer.from(prefix);
  let min = first.length === 0 ? start : Buffer.concat([inclusive, first]);
  let bound = first;
  const bounds = [
    ...(after === undefined ? [] : [Buffer.from(after)]),
    ...(past === undefined ? [] : [Buffer.concat([Buffer.from(past), last])]),
  ];
  for (const bytes of bounds) {
    // The prefix itself is a key, too: behind it means without it.
    if (bytes.compare(bound) < 0) continue;
    bound = bytes;
    min = Buffer.concat([exclusive, bytes]);
  }
  const max = first.length === 0 ? end : Buffer.concat([exclusive, first, last]);
  return { min, max };
}
