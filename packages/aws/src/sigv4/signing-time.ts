let cachedSecond = Number.NaN;
let cachedText = "";

/**
 * Time of a signature as `x-amz-date` has it, `20150830T123600Z`; its first eight characters are
 * the date of the credential scope. The text is made once per second.
 *
 * @throws RangeError for a number that is no time.
 */
export function signingTime(nowMs: number): string {
  const second = Math.floor(nowMs / 1000);
  if (second !== cachedSecond) {
    const iso = new Date(second * 1000).toISOString();
    cachedText =
      iso.slice(0, 4) +
      iso.slice(5, 7) +
      iso.slice(8, 13) +
      iso.slice(14, 16) +
      iso.slice(17, 19) +
      "Z";
    cachedSecond = second;
  }
  return cachedText;
}
