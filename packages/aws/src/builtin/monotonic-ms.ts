/** Milliseconds since the process began; never goes back. `performance.now` loads six modules. */
export function monotonicMs(): number {
  return process.uptime() * 1000;
}
