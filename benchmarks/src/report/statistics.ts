/** The middle value; of an even number, the mean of the two. `undefined` without values. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle];
  if (upper === undefined) return undefined;
  const lower = sorted[middle - 1];
  return sorted.length % 2 === 1 || lower === undefined ? upper : (lower + upper) / 2;
}

/** Largest less smallest value, relative to the median: how much the rounds differ. */
export function spread(values: readonly number[]): number | undefined {
  const middle = median(values);
  if (middle === undefined || middle === 0) return undefined;
  return (Math.max(...values) - Math.min(...values)) / middle;
}
