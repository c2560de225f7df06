/** 9999-12-31T23:59:59.999Z. */
const lastTimeMs = 253_402_300_799_999;

/** The last second that was asked for, and its text: events come in bursts. */
let lastSecond = Number.NaN;
let lastPrefix = "";

/**
 * Milliseconds since the epoch in the form `2022-10-12T00:03:50.000Z` (spec telemetry-api §4). A time
 * that has no such form is moved to the nearest that has: a function may claim any for its lines.
 */
export function isoTime(timeMs: number): string {
  const within = Math.min(Math.max(Number.isNaN(timeMs) ? 0 : Math.floor(timeMs), 0), lastTimeMs);
  const second = Math.floor(within / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    // Up to the point: three digits and the Z follow.
    lastPrefix = new Date(second * 1000).toISOString().slice(0, -4);
  }
  const milliseconds = within - second * 1000;
  return `${lastPrefix}${String(milliseconds).padStart(3, "0")}Z`;
}
