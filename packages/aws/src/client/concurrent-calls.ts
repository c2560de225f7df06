import { AbortError } from "./errors.ts";

/** How many calls are made together. */
export interface AllOptions {
  /** Calls in flight at once, 1 or more; default 64. */
  readonly concurrency?: number | undefined;
  /** Ends all: nothing new starts, and calls that take the signal they are given end too. */
  readonly signal?: AbortSignal | undefined;
  /** Wait for every outcome instead of ending at the first failure. Default `false`. */
  readonly settle?: boolean | undefined;
  /** Called after each call that has ended, with how many have. */
  readonly onProgress?: ((done: number) => void) | undefined;
}

/** One call: starts when its turn comes. The signal ends with the others' first failure. */
export type Start<T> = (signal: AbortSignal, index: number) => Promise<T>;

/**
 * Makes many calls with bounded concurrency; the results are in the order of the calls. The calls
 * may come from a list or a generator that is asked for the next one only when its turn has come.
 *
 * The first failure aborts the rest, waits until they have ended, and rejects; with `settle` every
 * outcome is returned, as of `Promise.allSettled`.
 */
export function startAll<T>(
  calls: Iterable<Start<T>> | AsyncIterable<Start<T>>,
  options: AllOptions & { readonly settle: true },
): Promise<PromiseSettledResult<T>[]>;
export function startAll<T>(
  calls: Iterable<Start<T>> | AsyncIterable<Start<T>>,
  options?: AllOptions,
): Promise<T[]>;
export async function startAll<T>(
  calls: Iterable<Start<T>> | AsyncIterable<Start<T>>,
  options: AllOptions = {},
): Promise<T[] | PromiseSettledResult<T>[]> {
  const concurrency = options.concurrency ?? 64;
  if (!(concurrency >= 1)) {
    throw new RangeError(`Cannot make calls with concurrency "${concurrency}": give 1 or more`);
  }
  const run = new Run<T>(options);
  const iterator =
    Symbol.asyncIterator in calls ? calls[Symbol.asyncIterator]() : calls[Symbol.iterator]();
  const lanes: Promise<void>[] = [];
  // Lanes never reject: what fails is the run's.
  for (let lane = 0; lane < concurrency && !run.isOver; lane++) {
    lanes.push(run.work(iterator));
    // When there are many, each waits until the one before has a call: the end says how many are needed.
    if (lane >= 63) await run.pulled;
  }
  await Promise.all(lanes);
  run.dispose();
  await run.leave(iterator);
  return run.results();
}

class Run<T> {
  #exhausted = false;
  readonly #settle: boolean;
  readonly #abort = new AbortController();
  readonly #outer: AbortSignal | undefined;
  readonly #onOuterAbort: () => void;
  readonly #onProgress: ((done: number) => void) | undefined;
  readonly #values: T[] = [];
  readonly #settled: PromiseSettledResult<T>[] = [];
  #failure: { readonly error: unknown } | undefined;
  /** Resolves with the first failure. */
  readonly #failed: Promise<undefined>;
  #onFailed: (() => void) | undefined;
  #pull: Promise<unknown> = Promise.resolve();
  #isPulling = false;
  #next = 0;
  #done = 0;

  constructor({ settle, signal, onProgress }: AllOptions) {
    this.#settle = settle ?? false;
    this.#outer = signal;
    this.#onProgress = onProgress;
    this.#failed = new Promise((resolve) => {
      this.#onFailed = (): void => resolve(undefined);
    });
    this.#onOuterAbort = (): void => this.#fail(new AbortError(signal?.reason));
    if (signal?.aborted === true) this.#onOuterAbort();
    else signal?.addEventListener("abort", this.#onOuterAbort);
  }

  /** Whether no call is to be taken any more. */
  get isOver(): boolean {
    return this.#exhausted || this.#failure !== undefined;
  }

  /** When what was asked for last is there. */
  get pulled(): Promise<unknown> {
    return this.#pull;
  }

  /** One lane: takes the next call, waits for it, until there is none. */
  async work(calls: Iterator<Start<T>> | AsyncIterator<Start<T>>): Promise<void> {
    for (;;) {
      if (this.isOver) return;
      const taken = await this.#take(calls);
      if (taken === undefined) return;
      const [start, index] = taken;
      try {
        const value = await start(this.#abort.signal, index);
        if (this.#settle) this.#settled[index] = { status: "fulfilled", value };
        else this.#values[index] = value;
      } catch (error) {
        if (this.#settle) this.#settled[index] = { status: "rejected", reason: error };
        else this.#fail(error);
      }
      this.#progress();
    }
  }

  #progress(): void {
    this.#done++;
    try {
      this.#onProgress?.(this.#done);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** The next call and its place; one lane asks at a time, so that places are in order. */
  async #take(
    calls: Iterator<Start<T>> | AsyncIterator<Start<T>>,
  ): Promise<[Start<T>, number] | undefined> {
    const turn = this.#pull.then(() => (this.isOver ? undefined : this.#pullFrom(calls)));
    this.#pull = turn;
    return turn;
  }

  async #pullFrom(
    calls: Iterator<Start<T>> | AsyncIterator<Start<T>>,
  ): Promise<[Start<T>, number] | undefined> {
    this.#isPulling = true;
    try {
      const next = calls.next();
      // What waits for its own input is not waited for when a call has failed.
      const result = await (next instanceof Promise ? Promise.race([next, this.#failed]) : next);
      if (result === undefined) {
        void (next as Promise<unknown>).then(undefined, ignored);
        return undefined;
      }
      this.#isPulling = false;
      if (result.done !== true) return [result.value, this.#next++];
      this.#exhausted = true;
    } catch (error) {
      this.#isPulling = false;
      this.#exhausted = true;
      this.#fail(error);
    }
    return undefined;
  }

  /** Tells a generator that was left early. One that is still at work hears of it afterwards. */
  async leave(calls: Iterator<Start<T>> | AsyncIterator<Start<T>>): Promise<void> {
    if (this.#exhausted) return;
    const left = Promise.resolve(calls.return?.());
    if (this.#isPulling) left.then(undefined, ignored);
    else await left;
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#onFailed?.();
    this.#abort.abort(error);
  }

  dispose(): void {
    this.#outer?.removeEventListener("abort", this.#onOuterAbort);
  }

  results(): T[] | PromiseSettledResult<T>[] {
    if (this.#failure !== undefined) throw this.#failure.error;
    return this.#settle ? this.#settled : this.#values;
  }
}

function ignored(): void {}
