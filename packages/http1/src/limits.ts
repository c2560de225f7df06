/** Bounds that are no options, with their sources. */

/** Body that is discarded for a method that should have none, or to keep a connection (spec §12.3). */
export const DISCARDED_BODY_BYTES_MAX: number = 64 * 1024;

/** What is read and thrown away after the last reply, so that a reset does not overtake it (HT-5). */
export const LINGER_BYTES_MAX: number = 64 * 1024 * 1024;

/** How long the peer has to close after the last reply (HT-5). */
export const LINGER_MS: number = 5000;

/** Reply that is sent in one piece, head included: what the stream layer of Node writes from its stack. */
export const SINGLE_WRITE_BYTES_MAX: number = 16 * 1024;

/** Surplus connections that get a 503 at the same time; more are closed without an answer. */
export const SURPLUS_CONNECTIONS_MAX: number = 64;

/** How often waits are looked at; a wait ends at most this late. */
export const SWEEP_MS: number = 1000;

export const HEAD_BYTES_MAX: number = 16 * 1024;
export const HEAD_TIMEOUT_MS: number = 10_000;
export const BODY_TIMEOUT_MS: number = 30_000;
export const IDLE_TIMEOUT_MS: number = 65_000;
/** A peer that takes nothing of its reply (spec §3). */
export const STALL_TIMEOUT_MS: number = 60_000;
export const PIPELINED_MAX: number = 16;
