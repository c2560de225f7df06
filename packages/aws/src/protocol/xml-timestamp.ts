const ZERO = 0x30;

/** Days from 1970-01-01 to a date of the Gregorian calendar; `month` from 1. */
function daysOf(year: number, month: number, day: number): number {
  // Years from March on, so that the leap day is the last of its year.
  const shifted = month > 2 ? year : year - 1;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1;
  const leaps = Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100);
  return era * 146_097 + yearOfEra * 365 + leaps + dayOfYear - 719_468;
}

function two(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - ZERO;
  const ones = bytes[at + 1]! - ZERO;
  if (tens < 0 || tens > 9 || ones < 0 || ones > 9) return -1_000_000;
  return tens * 10 + ones;
}

/**
 * Milliseconds since the epoch of `2026-11-21T21:04:10Z` or `…10.123Z`, read by position from bytes:
 * no text is made. `undefined` for any other form (`parseTimestampText` knows them all).
 */
export function epochMillisecondsOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): number | undefined {
  if (end > bytes.length || bytes[end - 1] !== 0x5a || bytes[start + 10] !== 0x54) return undefined;
  if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return undefined;
  if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return undefined;
  const year = two(bytes, start) * 100 + two(bytes, start + 2);
  const month = two(bytes, start + 5);
  const day = two(bytes, start + 8);
  const hour = two(bytes, start + 11);
  const minute = two(bytes, start + 14);
  const second = two(bytes, start + 17);
  if (year < 0 || month < 1 || month > 12 || day < 1 || day > 31) return undefined;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) {
    return undefined;
  }
  let fraction = 0;
  if (end - start === 24) {
    const hundreds = bytes[start + 20]! - ZERO;
    fraction = hundreds * 100 + two(bytes, start + 21);
    if (hundreds < 0 || hundreds > 9 || fraction < 0) return undefined;
  }
  return (
    daysOf(year, month, day) * 86_400_000 +
    hour * 3_600_000 +
    minute * 60_000 +
    second * 1000 +
    fraction
  );
}
