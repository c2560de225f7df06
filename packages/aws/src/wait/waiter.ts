import { monotonicMs } from "../builtin/monotonic-ms.ts";
import type { WaiterResult, WaitOptions } from "../client/client-types.ts";
import { AbortError, ServiceError, TimeoutError, WaiterError } from "../client/errors.ts";
import type { CallOptions } from "../client/options.ts";
import type { WaiterModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { type CompiledAcceptor, compileAcceptors, type Outcome } from "./acceptors.ts";

/** The longest pause with `backoff: "exponential"`, as in the official SDK. */
const BACKOFF_MS_MAX = 120_000;

/** A state to wait for. */
export interface AwaitedState {
  /** The waiter's name: `BucketExists`. */
  readonly name: string;
  readonly model: WaiterModel;
  /** Calls the waiter's operation (`model.operation`). */
  call(input: Input, options: CallOptions): Promise<Output>;
  /** Default: the machine's. */
  readonly clock?: WaitClock | undefined;
}

/** Time and chance, so that tests bring their own. */
export interface WaitClock {
  /** Milliseconds on a clock that is never put back. */
  now(): number;
  /** A number in [0, 1). */
  random(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}

/**
 * Calls an operation until its answer means that the state has come. Acceptors are asked in the
 * model's order; an answer that none knows means to wait, an error of the service that none knows
 * fails. The pace is the model's unless options say otherwise; with `maxWaitTime` and without
 * `maxAttempts` only the time counts.
 * @throws WaiterError when the state cannot come, or no attempt is left.
 * @throws TimeoutError when `maxWaitTime` is over, or another attempt would begin after it.
 * @throws AbortError
 */
export async function waitUntil(
  state: AwaitedState,
  input: Input = {},
  options: WaitOptions = {},
): Promise<WaiterResult<Output>> {
  const clock = state.clock ?? machineClock;
  const pace = paceOf(state, options);
  const acceptors = compileAcceptors(state.model);
  const signal = options.signal ?? options.abortSignal;
  const deadline = clock.now() + pace.maxWaitTime;
  let reason: unknown;
  for (let attempts = 1; ; attempts += 1) {
    const outcome = await attempt(state, input, { options, pace, deadline, clock, reason });
    reason = outcome.error ?? outcome.output;
    const matched = acceptors.find((acceptor) => acceptor.matches(outcome));
    if (matched?.state === "success") {
      return { state: "success", reason: outcome.error ?? outcome.output, attempts };
    }
    if (matched?.state === "failure" || (matched === undefined && outcome.error !== undefined)) {
      throw failed(state, { attempts, matched, outcome });
    }
    if (attempts >= pace.maxAttempts) {
      const fields = { waiter: state.name, state: "attempts", attempts, reason } as const;
      throw new WaiterError(
        `Cannot wait for ${state.name} any longer: ${attempts} attempts were made`,
        fields,
      );
    }
    const delay = pace.delay(attempts, clock);
    if (clock.now() + delay > deadline) throw timedOut(state, pace, reason);
    await clock.sleep(delay, signal);
    if (signal?.aborted === true) throw new AbortError(signal.reason);
  }
}

interface Pace {
  /** Infinity for none. */
  readonly maxWaitTime: number;
  readonly maxAttempts: number;
  /** Milliseconds after so many attempts. */
  delay(attempts: number, clock: WaitClock): number;
}

function paceOf({ name, model }: AwaitedState, options: WaitOptions): Pace {
  const { delay = 1000 * model.delay, maxWaitTime, backoff = "fixed" } = options;
  const byDefault = maxWaitTime === undefined ? model.maxAttempts : Number.POSITIVE_INFINITY;
  const { maxAttempts = byDefault } = options;
  for (const [option, value, min] of [
    ["delay", delay, 0],
    ["maxWaitTime", maxWaitTime ?? 0, 0],
    ["maxAttempts", maxAttempts, 1],
  ] as const) {
    if (value >= min) continue;
    throw new RangeError(
      `Cannot wait for ${name}: ${option} "${value}" is no number from ${min} on`,
    );
  }
  if (backoff !== "fixed" && backoff !== "exponential") {
    throw new RangeError(
      `Cannot wait for ${name}: backoff "${String(backoff)}" is neither "fixed" nor "exponential"`,
    );
  }
  const longest = Math.max(delay, BACKOFF_MS_MAX);
  return {
    maxWaitTime: maxWaitTime ?? Number.POSITIVE_INFINITY,
    maxAttempts,
    delay: (attempts, clock) =>
      backoff === "fixed"
        ? delay
        : delay + clock.random() * (Math.min(delay * 2 ** (attempts - 1), longest) - delay),
  };
}

interface AttemptContext {
  readonly options: WaitOptions;
  readonly pace: Pace;
  readonly deadline: number;
  readonly clock: WaitClock;
  /** Of the attempt before. */
  readonly reason: unknown;
}

/** One call; it ends with the time that is left. */
async function attempt(
  state: AwaitedState,
  input: Input,
  { options, pace, deadline, clock, reason }: AttemptContext,
): Promise<Outcome> {
  const left = Math.max(1, Math.ceil(deadline - clock.now()));
  const limited = left < (options.timeout ?? Number.POSITIVE_INFINITY);
  const timeout = limited ? left : options.timeout;
  try {
    // `maxAttempts` of a call would be its attempts, and not those of the waiter.
    return { output: await state.call(input, { ...options, timeout, maxAttempts: undefined }) };
  } catch (error) {
    if (error instanceof ServiceError) return { error };
    if (limited && error instanceof TimeoutError && error.limit === "timeout") {
      throw timedOut(state, pace, reason);
    }
    throw error;
  }
}

interface Failure {
  readonly attempts: number;
  readonly matched: CompiledAcceptor | undefined;
  readonly outcome: Outcome;
}

function failed({ name }: AwaitedState, { attempts, matched, outcome }: Failure): WaiterError {
  const { error } = outcome;
  const said = error === undefined ? "" : `${error.name}: ${error.message}`;
  const why = matched === undefined ? said : `${matched.meaning}${said && ` (${said})`}`;
  const fields = {
    waiter: name,
    state: "failure",
    attempts,
    reason: error ?? outcome.output,
  } as const;
  return new WaiterError(`Cannot wait for ${name}: it cannot come any more, ${why}`, fields);
}

function timedOut({ name }: AwaitedState, { maxWaitTime }: Pace, reason: unknown): TimeoutError {
  const message = `Cannot wait for ${name} any longer: it did not come within ${maxWaitTime} ms`;
  return new TimeoutError(message, "maxWaitTime", maxWaitTime, reason);
}

const machineClock: WaitClock = {
  now: monotonicMs,
  random: Math.random,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const done = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, Math.min(ms, 2 ** 31 - 1));
      signal?.addEventListener("abort", done);
    }),
};
