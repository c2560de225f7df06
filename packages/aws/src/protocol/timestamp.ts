import type { TimestampFormat } from "../model/model.ts";

/**
 * Milliseconds since the epoch of what a caller gave: a date, epoch milliseconds, or ISO 8601 text.
 * @throws RangeError when it is no point in time.
 */
export function epochMillis(value: unknown): number {
  let millis: number;
  if (typeof value === "number") millis = value;
  else if (value instanceof Date) millis = value.getTime();
  else if (typeof value === "string") millis = parseTimestampText(value)?.getTime() ?? Number.NaN;
  else millis = Number.NaN;
  // 8.64e15 ms is the largest time value of ECMAScript.
  if (!(Math.abs(millis) <= 8.64e15)) {
    throw new RangeError(`Cannot write timestamp "${String(value)}": it is no point in time`);
  }
  return millis;
}

/** Seconds since the epoch with the fraction to the millisecond: `1398796238.5`. */
export function formatEpochSeconds(value: unknown): string {
  return String(Math.trunc(epochMillis(value)) / 1000);
}

/** RFC 3339 in UTC; the fraction is left out when it is zero: `2019-12-16T23:48:18Z`. */
export function formatDateTime(value: unknown): string {
  const text = new Date(epochMillis(value)).toISOString();
  return text.endsWith(".000Z") ? `${text.slice(0, -5)}Z` : text;
}

/** IMF-fixdate of RFC 9110: `Mon, 16 Dec 2019 23:48:18 GMT`; milliseconds are cut. */
export function formatHttpDate(value: unknown): string {
  return new Date(epochMillis(value)).toUTCString();
}

/** The writer of a format. */
export function timestampWriter(format: TimestampFormat): (value: unknown) => string {
  if (format === "unixTimestamp") return formatEpochSeconds;
  return format === "iso8601" ? formatDateTime : formatHttpDate;
}

/**
 * Reads a timestamp in any of the three forms, whatever the model says: services do not keep to it.
 * `undefined` when it is none of them.
 */
export function parseTimestamp(value: unknown): Date | undefined {
  if (typeof value === "number") return validDate(value * 1000);
  if (typeof value === "string") return parseTimestampText(value);
  return value instanceof Date ? value : undefined;
}

/** As `parseTimestamp`, for text. */
export function parseTimestampText(text: string): Date | undefined {
  const millis = text.length === 29 ? httpDateMillis(text) : dateTimeMillis(text);
  if (!Number.isNaN(millis)) return validDate(millis);
  const trimmed = text.trim();
  if (epochPattern.test(trimmed)) return validDate(Number(trimmed) * 1000);
  if (trimmed !== text) return parseTimestampText(trimmed);
  if (!dateLike.test(text)) return undefined;
  // Without a zone it is UTC, whatever the process's own is.
  const inZone = zone.test(text)
    ? text
    : text + (text.includes(",") || text.includes(" ") ? " GMT" : "Z");
  return validDate(Date.parse(inZone));
}

const epochPattern = /^[+-]?\d+(\.\d*)?([eE][+-]?\d+)?$/;
// RFC 9110's three forms and ISO 8601; Date.parse alone takes nearly anything ("Zone 5").
const dateLike = /^(?:[A-Z][a-z]{2,8},? .{1,20}\d\d:\d\d:\d\d|[+-]?\d{4,6}-\d\d)/;

const zone = /(?:[A-Za-z]|[+-]\d\d:?\d\d)$|^[^:]*$/;

/** Seconds become milliseconds: rounded, because 1576540098.123 * 1000 has a fraction. */
function validDate(millis: number): Date | undefined {
  const rounded = Math.round(millis);
  return Math.abs(rounded) <= 8.64e15 ? new Date(rounded) : undefined;
}

/** `YYYY-MM-DDThh:mm:ss[.fraction](Z|±hh:mm)` by position; `NaN` when it has another form. */
function dateTimeMillis(text: string): number {
  const length = text.length;
  if (length < 20 || text.charCodeAt(4) !== 45 || text.charCodeAt(7) !== 45) return Number.NaN;
  if (text.charCodeAt(13) !== 58 || text.charCodeAt(16) !== 58) return Number.NaN;
  const separator = text.charCodeAt(10) | 32;
  if (separator !== 116 && separator !== 32) return Number.NaN;
  const year = digits(text, 0, 4);
  const month = digits(text, 5, 7);
  const day = digits(text, 8, 10);
  const hour = digits(text, 11, 13);
  const minute = digits(text, 14, 16);
  const second = digits(text, 17, 19);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= 31 && hour <= 24)) return Number.NaN;
  if (!(minute <= 59 && second <= 60)) return Number.NaN;
  let at = 19;
  let fraction = 0;
  if (text.charCodeAt(at) === 46) {
    let scale = 100;
    for (at++; at < length; at++) {
      const digit = text.charCodeAt(at) - 48;
      if (digit < 0 || digit > 9) break;
      fraction += digit * scale;
      scale /= 10;
    }
  }
  const offset = offsetMillis(text, at);
  return utcMillis(year, month - 1, day, hour, minute, second) + Math.trunc(fraction) - offset;
}

/** `Mon, 16 Dec 2019 23:48:18 GMT` by position; else what `dateTimeMillis` says. */
function httpDateMillis(text: string): number {
  const month = months.indexOf(text.slice(8, 11));
  const gmt = text.charCodeAt(3) === 44 && text.endsWith(" GMT");
  if (!gmt || month < 0 || month % 3 !== 0) return dateTimeMillis(text);
  const day = digits(text, 5, 7);
  const year = digits(text, 12, 16);
  const hour = digits(text, 17, 19);
  const minute = digits(text, 20, 22);
  const second = digits(text, 23, 25);
  if (!(day >= 1 && day <= 31 && hour <= 24 && minute <= 59 && second <= 60)) return Number.NaN;
  return utcMillis(year, month / 3, day, hour, minute, second);
}

/** As `Date.UTC`, which maps the years 0 to 99 to 1900 to 1999; `month` from 0. */
function utcMillis(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  if (year >= 100) return Date.UTC(year, month, day, hour, minute, second);
  return Date.UTC(year + 400, month, day, hour, minute, second) - millisOf400Years;
}

const millisOf400Years = 146_097 * 86_400_000;

const months = "JanFebMarAprMayJunJulAugSepOctNovDec";

function offsetMillis(text: string, at: number): number {
  const sign = text.charCodeAt(at);
  if ((sign | 32) === 122) return text.length === at + 1 ? 0 : Number.NaN;
  if (sign !== 43 && sign !== 45) return Number.NaN;
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0;
  if (text.length !== at + 5 + colon) return Number.NaN;
  const minutes = digits(text, at + 1, at + 3) * 60 + digits(text, at + 3 + colon, text.length);
  return (sign === 43 ? minutes : -minutes) * 60_000;
}

function digits(text: string, from: number, to: number): number {
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = text.charCodeAt(at) - 48;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}
