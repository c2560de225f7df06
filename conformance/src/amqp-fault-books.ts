/** How one call ended: `returned`, or the name of its error. */
export type CallOutcome = string;

/** One call as its caller saw it. Times are of the monotonic clock, in milliseconds. */
export interface CallRecord {
  readonly startMs: number;
  /** `undefined`: it never ended. */
  readonly endMs: number | undefined;
  readonly outcome: CallOutcome;
  readonly deadlineMs: number;
  /** The function works longer than the deadline: its reply comes late, and must reach nobody. */
  readonly isImpatient: boolean;
}

/** From the moment before a fault until everything was well again. */
export interface Disturbance {
  readonly fault: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** A host or a connection died: what they had may be executed again (AM-9). */
  readonly breaks: boolean;
  /** The callers' connections died: what they had in flight fails at once (AM-3). */
  readonly cutsCallers: boolean;
  /** No call may fail for it. */
  readonly harmless: boolean;
}

export interface BookOptions {
  /** What a busy machine may add to the deadline. */
  readonly slackMs: number;
  /** A request is acknowledged so long after its caller has the reply, at most. */
  readonly acknowledgedMs: number;
}

export interface BookReport {
  /** Calls by their outcome. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Calls that failed, the impatient ones left out, by the fault that they are laid to, and by outcome. */
  readonly failures: Readonly<Record<string, Readonly<Record<string, number>>>>;
  readonly executions: number;
  /** Calls that were executed more than once. */
  readonly repeated: number;
  /** Calls that met no fault at all. */
  readonly undisturbed: number;
  readonly slowestMs: number;
  /** What must never happen; the first 50 are kept. */
  readonly violations: readonly string[];
}

const violationsMax = 50;

/** The caller gave up, or the host did, which knows the caller's deadline (contract §9). */
const timeouts = new Set(["TimeoutError", "Sandbox.Timedout"]);

/**
 * Compares what the callers saw with what the functions did. Pure.
 *
 * @param calls By their number, from 0.
 * @param executions How often each call was executed.
 */
export function checkBooks(
  calls: readonly CallRecord[],
  executions: ReadonlyMap<number, number>,
  disturbances: readonly Disturbance[],
  options: BookOptions,
): BookReport {
  const violations: string[] = [];
  const outcomes: Record<string, number> = {};
  const failures: Record<string, Record<string, number>> = {};
  let repeated = 0;
  let undisturbed = 0;
  let slowestMs = 0;
  for (const [id, call] of calls.entries()) {
    const times = executions.get(id) ?? 0;
    const met = disturbancesOf(call, disturbances, options);
    if (times > 1) repeated += 1;
    if (met.length === 0) undisturbed += 1;
    slowestMs = Math.max(slowestMs, (call.endMs ?? call.startMs) - call.startMs);
    outcomes[call.outcome] = (outcomes[call.outcome] ?? 0) + 1;
    if (call.outcome !== "returned" && !call.isImpatient) {
      const byOutcome = (failures[faultOf(call, met)] ??= {});
      byOutcome[call.outcome] = (byOutcome[call.outcome] ?? 0) + 1;
    }
    for (const problem of problemsOf(call, times, met, options)) {
      const faults = met.map(({ fault }) => fault).join(", ");
      violations.push(`Call ${id} (${call.outcome}; faults: ${faults}): ${problem}`);
    }
  }
  for (const id of executions.keys()) {
    if (id >= calls.length) violations.push(`Call ${id} was executed, and never made`);
  }
  let sum = 0;
  for (const times of executions.values()) sum += times;
  return {
    outcomes,
    failures,
    executions: sum,
    repeated,
    undisturbed,
    slowestMs: Math.round(slowestMs),
    violations: violations.slice(0, violationsMax),
  };
}

function disturbancesOf(
  { startMs, endMs = Infinity }: CallRecord,
  disturbances: readonly Disturbance[],
  { acknowledgedMs }: BookOptions,
): readonly Disturbance[] {
  return disturbances.filter(
    ({ fromMs, untilMs }) => startMs <= untilMs && endMs + acknowledgedMs >= fromMs,
  );
}

/** A request that was lost shows when its time is over; everything else at once. */
function faultOf({ endMs = Infinity, outcome }: CallRecord, met: readonly Disturbance[]): string {
  const begun = met.filter(({ fromMs, harmless }) => fromMs <= endMs && !harmless);
  const fault = timeouts.has(outcome) ? begun[0] : begun.at(-1);
  return (fault ?? met[0])?.fault ?? "none";
}

function problemsOf(
  { startMs, endMs, outcome, deadlineMs, isImpatient }: CallRecord,
  times: number,
  met: readonly Disturbance[],
  { slackMs }: BookOptions,
): readonly string[] {
  if (endMs === undefined) return ["it never ended (INV-6)"];
  const problems: string[] = [];
  const tookMs = Math.round(endMs - startMs);
  if (tookMs > deadlineMs + slackMs) {
    problems.push(`it took ${tookMs} ms, the deadline is ${deadlineMs} ms (INV-6)`);
  }
  const hasReturned = outcome === "returned";
  if (hasReturned && times === 0) problems.push("it was answered and not executed (INV-5)");
  if (times > 1 && met.every(({ breaks }) => !breaks)) {
    problems.push(`it was executed ${times} times, but nothing died (INV-3)`);
  }
  const cut = met.find((each) => each.cutsCallers && startMs < each.fromMs && endMs > each.untilMs);
  if (cut !== undefined) problems.push(`it outlived its connection, at the ${cut.fault} (AM-3)`);
  const isExpected = hasReturned || (isImpatient && timeouts.has(outcome));
  if (!isExpected && met.every(({ harmless }) => harmless)) {
    problems.push("it failed without a reason");
  }
  return problems;
}
