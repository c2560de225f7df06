import { monotonicMs } from "../builtin/monotonic-ms.ts";

/** How long calls may follow one another before timers and sockets get their turn, in milliseconds. */
const busyMsMax = 10;
/** Calls between two looks at the clock. */
const callsPerLook = 32;

/** `monotonicMs()` at the first call since the event loop has turned; 0: there was none. */
let busySince = 0;
let calls = 0;

/**
 * Whether a call must let the event loop turn first. A store that answers without waiting gives its caller
 * the next turn at once: a loop of such calls would hold up everything else in the process.
 */
export function mustTurn(): boolean {
  if (busySince === 0) {
    busySince = monotonicMs();
    calls = 0;
    setImmediate(turned);
    return false;
  }
  calls++;
  return calls % callsPerLook === 0 && monotonicMs() - busySince > busyMsMax;
}

/** Resolves when the event loop has turned. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

function turned(): void {
  busySince = 0;
}
