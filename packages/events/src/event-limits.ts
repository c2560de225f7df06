/** Numbers of asynchronous invocation. Those that a user can set are defaults here. */
export const eventLimits = {
  /** `MaximumRetryAttempts`, default and largest (AWS). */
  retriesMax: 2,
  /** `MaximumEventAgeInSeconds`, smallest (AWS). */
  ageMsMin: 60_000,
  /** `MaximumEventAgeInSeconds`, default and largest (AWS). */
  ageMsMax: 21_600_000,
  /** From the end of a failed attempt to the start of the next: after the first, after the second (AWS). */
  retryDelaysMs: [60_000, 120_000],
  /** Back-off after throttles and host faults, first and largest (AWS). */
  backoffMsMin: 1_000,
  backoffMsMax: 300_000,
  /** Ends of the host with the event started, after which the event fails (ours: AS-6). */
  crashesMax: 5,
  /** Events that are started at once, all functions together (AWS: concurrent executions). */
  startedMax: 1_000,
  /** Events of one function that one claim takes (ours). */
  claimedMax: 100,
  /** Events that wait or run (ours: spec reliability §3). */
  pendingEventsMax: 1_000_000,
  /** Bytes of events that wait or run: 10 GiB (ours: spec reliability §3). */
  pendingBytesMax: 10_737_418_240,
  /** Events on the failed shelf (ours: spec reliability §3). */
  shelfEventsMax: 100_000,
  /** Bytes of events on the failed shelf: 1 GiB (ours). */
  shelfBytesMax: 1_073_741_824,
  /** How long an event stays on the failed shelf: 7 days (ours: spec reliability §3). */
  shelfAgeMsMax: 604_800_000,
  /** How often the failed shelf is looked over for such events (ours). */
  shelfSweepMs: 3_600_000,
  /** Kept of the error of a failed attempt; the rest is cut off (ours). */
  errorPayloadBytesMax: 262_144,
  /** From a failed change of the store to the next try, first and largest (ours). */
  storeRetryMsMin: 1_000,
  storeRetryMsMax: 30_000,
} as const;
