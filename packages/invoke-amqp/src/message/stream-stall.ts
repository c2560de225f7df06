/**
 * A caller that takes nothing of a streamed reply for so long has gone, in milliseconds: both its side and
 * the host's give the stream up then (reliability §3).
 */
export const streamStallMs = 60_000;
