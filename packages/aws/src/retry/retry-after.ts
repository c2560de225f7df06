/**
 * How long a service asks to wait, in milliseconds: `x-amz-retry-after` (milliseconds), else
 * `retry-after` (seconds, or an HTTP date). `undefined` for none, and for values that are neither.
 *
 * @param headers - names in lower case and values, alternating
 */
export function retryAfterMs(headers: readonly string[], nowMs: number): number | undefined {
  let plain: string | undefined;
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index];
    if (name === "x-amz-retry-after") {
      const value = headers[index + 1] ?? "";
      if (isCount(value)) return Number(value);
    }
    if (name === "retry-after") plain = headers[index + 1];
  }
  if (plain === undefined) return undefined;
  if (isCount(plain)) return Number(plain) * 1000;
  const date = /[a-z]/i.test(plain) ? Date.parse(plain) : Number.NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function isCount(text: string): boolean {
  return /^\d{1,15}$/.test(text);
}
