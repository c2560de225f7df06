import type { BenchCommand } from "../cli/command.ts";
import { type CallEnd, BenchTally } from "./bench-tally.ts";
import type { BenchCaller, CallerListener } from "./bench-caller.ts";

/** What makes the load of a bench. */
export interface LoadOptions extends Pick<BenchCommand, "callers" | "until" | "timeoutMs"> {
  /** Makes one caller; it tells the listener of its calls. */
  readonly makeCaller: (listener: CallerListener) => BenchCaller;
  /** Ends the load at once; calls in flight are not counted. */
  readonly signal: AbortSignal;
}

/** Why a load ended. */
export type LoadEnd = "duration" | "count" | "interrupted" | "unreachable";

/** Pause after a lost connection, so that an endpoint that is away is not asked in a busy loop. */
const reconnectPauseMs = 100;

/**
 * A closed loop of callers: each calls again when it was answered. Without a single answer the first
 * lost connection ends it, since there is nothing to measure.
 */
export class Load {
  readonly tally: BenchTally = new BenchTally();
  readonly #options: LoadOptions;
  readonly #callers: BenchCaller[] = [];
  readonly #done = Promise.withResolvers<LoadEnd>();
  readonly #timers = new Set<NodeJS.Timeout>();
  #startedMs = 0;
  #endedMs: number | undefined;
  #sent = 0;
  #active = 0;
  #stopping: LoadEnd | undefined;

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  /** Milliseconds that the load has lasted. */
  get elapsedMs(): number {
    return (this.#endedMs ?? performance.now()) - this.#startedMs;
  }

  /** Runs the load to its end. Once. */
  async run(): Promise<LoadEnd> {
    const { until, signal, timeoutMs } = this.#options;
    this.#startedMs = performance.now();
    const interrupt = (): void => this.#finish("interrupted");
    signal.addEventListener("abort", interrupt, { once: true });
    if (until.kind === "duration") {
      this.#timers.add(setTimeout(() => this.#stop("duration"), until.durationMs));
    }
    if (timeoutMs > 0) {
      this.#timers.add(setInterval(() => this.#giveUpLate(), Math.min(timeoutMs, 1000)));
    }
    if (signal.aborted) interrupt();
    this.#startCallers();
    const end = await this.#done.promise;
    signal.removeEventListener("abort", interrupt);
    return end;
  }

  #startCallers(): void {
    const { callers, makeCaller } = this.#options;
    for (let index = 0; index < callers && this.#mayCall(); index += 1) {
      const caller: BenchCaller = makeCaller({
        onEnd: (end, status, milliseconds) => {
          this.tally.record(end, status, milliseconds);
          this.#active -= 1;
          this.#next(caller, end, status);
        },
        onBytes: (count) => this.tally.addBytes(count),
      });
      this.#callers.push(caller);
      this.#call(caller);
    }
  }

  #mayCall(): boolean {
    const { until } = this.#options;
    if (this.#stopping !== undefined) return false;
    return until.kind === "duration" || this.#sent < until.count;
  }

  #call(caller: BenchCaller): void {
    this.#sent += 1;
    this.#active += 1;
    caller.call();
  }

  #next(caller: BenchCaller, end: CallEnd, status: number | undefined): void {
    const isLost = end.kind === "hostFailed" && status === undefined;
    if (isLost && this.tally.statuses.length === 0) {
      this.#finish("unreachable");
      return;
    }
    if (!this.#mayCall()) {
      if (this.#active === 0) this.#finish(this.#stopping ?? "count");
      return;
    }
    if (!isLost) {
      this.#call(caller);
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#mayCall()) this.#call(caller);
      else if (this.#active === 0) this.#finish(this.#stopping ?? "count");
    }, reconnectPauseMs);
    this.#timers.add(timer);
  }

  /** No new calls; those in flight may end. */
  #stop(reason: LoadEnd): void {
    this.#stopping ??= reason;
    if (this.#active === 0) this.#finish(reason);
  }

  #finish(end: LoadEnd): void {
    if (this.#endedMs !== undefined) return;
    this.#stopping = end;
    this.#endedMs = performance.now();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const caller of this.#callers) caller.close();
    this.#done.resolve(end);
  }

  #giveUpLate(): void {
    const oldestMs = performance.now() - this.#options.timeoutMs;
    for (const caller of this.#callers) {
      const { startedMs } = caller;
      if (startedMs !== undefined && startedMs < oldestMs) caller.giveUp("TimeoutError");
    }
  }
}
