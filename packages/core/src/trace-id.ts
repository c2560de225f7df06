/**
 * A new X-Ray trace header: `Root=1-<8 hex seconds>-<24 hex>;Parent=<16 hex>;Sampled=0`.
 *
 * Source: AWS X-Ray, "Tracing header"; AWS gives one to every invocation, also without tracing.
 */
export function newTraceId(nowMs: number = Date.now()): string {
  const seconds = Math.floor(nowMs / 1000)
    .toString(16)
    .padStart(8, "0");
  const random = crypto.randomUUID().replaceAll("-", "") + crypto.randomUUID().replaceAll("-", "");
  return `Root=1-${seconds}-${random.slice(0, 24)};Parent=${random.slice(24, 40)};Sampled=0`;
}

/** Header text that may be passed on: visible ASCII and spaces, at most 1024 characters. */
const passable = /^[\x20-\x7e]{1,1024}$/;

/** Whether a caller's `X-Amzn-Trace-Id` may be passed on; otherwise it is dropped and a new one made. */
export function isTraceId(value: string): boolean {
  return passable.test(value) && value.includes("Root=");
}
