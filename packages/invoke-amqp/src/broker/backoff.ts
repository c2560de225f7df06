const firstMs = 200;
const maxMs = 10_000;

/**
 * The wait before attempt `failures + 1`: 0.2 s doubling to 10 s, with full jitter, so that the hosts
 * of a broker that comes back do not all come at once (AM-2).
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  return random * Math.min(maxMs, firstMs * 2 ** Math.min(failures, 20));
}
