// The names of what is stored: enough of them that no two calls in flight have the same.
export const keys = Array.from({ length: 1_000 }, (_, index) => index);

/** A key or a file name; `turn` counts calls. */
export function keyOf(size, turn) {
  return `object-${size}-${turn % keys.length}`;
}
