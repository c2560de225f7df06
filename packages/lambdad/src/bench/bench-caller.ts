import type { CallEnd } from "./bench-tally.ts";

/** Hears of the calls of one caller. */
export interface CallerListener {
  /** Called once for each call. `status` is that of the Invoke API; `undefined`: there was no answer. */
  readonly onEnd: (end: CallEnd, status: number | undefined, milliseconds: number) => void;
  /** Called for each piece of a response. */
  readonly onBytes: (count: number) => void;
}

/** One caller of a bench: one call at a time. */
export interface BenchCaller {
  /** When the call in flight was sent; `undefined`: there is none, or it ends in time by itself. */
  readonly startedMs: number | undefined;
  /** Sends one call. The one before must have ended. */
  call(): void;
  /** Ends the call in flight as failed. */
  giveUp(reason: string): void;
  /** Ends the caller; a call in flight is forgotten. */
  close(): void;
}
