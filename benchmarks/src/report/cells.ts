/** What stands for a figure that there is not. */
export const none = "–";

/** A figure with so many decimals. */
export function fixed(value: number | undefined, digits: number): string {
  return value === undefined || !Number.isFinite(value) ? none : value.toFixed(digits);
}

/** Calls per second. */
export function rateText(value: number | undefined): string {
  if (value === undefined) return none;
  return value >= 100 ? Math.round(value).toLocaleString("en-US") : value.toFixed(1);
}

/** Half of what rounds differ by, see `spread()`, as a share. */
export function spreadText(value: number | undefined): string {
  return value === undefined ? none : `${Math.round(50 * value)} %`;
}
