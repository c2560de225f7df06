/** Hex digits of the random parts of one header: 24 of the trace and 16 of its parent. */
const randomDigits = 40;

/** Headers whose random parts are drawn at once: drawing them one by one costs ten times as much. */
const drawnMax = 256;

let drawn = "";
let drawnOffset = 0;

/** The seconds last written, and their eight hex digits. */
let lastSeconds = -1;
let lastSecondsText = "";

/**
 * A new X-Ray trace header: `Root=1-<8 hex seconds>-<24 hex>;Parent=<16 hex>;Sampled=0`.
 *
 * Source: AWS X-Ray, "Tracing header"; AWS gives one to every invocation, also without tracing.
 */
export function newTraceId(nowMs: number = Date.now()): string {
  const seconds = Math.floor(nowMs / 1000);
  if (seconds !== lastSeconds) {
    lastSeconds = seconds;
    lastSecondsText = seconds.toString(16).padStart(8, "0");
  }
  if (drawnOffset === drawn.length) {
    const bytes = crypto.getRandomValues(new Uint8Array((randomDigits / 2) * drawnMax));
    drawn = Buffer.from(bytes.buffer).toString("hex");
    drawnOffset = 0;
  }
  const start = drawnOffset;
  drawnOffset += randomDigits;
  return `Root=1-${lastSecondsText}-${drawn.slice(start, start + 24)};Parent=${drawn.slice(start + 24, drawnOffset)};Sampled=0`;
}

/** Header text that may be passed on: visible ASCII and spaces, at most 1024 characters. */
const passable = /^[\x20-\x7e]{1,1024}$/;

/** Whether a caller's `X-Amzn-Trace-Id` may be passed on; otherwise it is dropped and a new one made. */
export function isTraceId(value: string): boolean {
  return passable.test(value) && value.includes("Root=");
}
