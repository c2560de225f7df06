import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import { HostError } from "@lambdad/core";
import type { HostLog } from "./host-log.ts";

/** How often the delay is looked at, in milliseconds (spec reliability §10). */
const windowMs = 2_000;
/** Above this 99th percentile new work is refused, until it is below the other one. */
const overloadedMs = 250;
const recoveredMs = 100;
/** Measured is the time between two ticks of this many milliseconds: the delay is what is over it. */
const resolutionMs = 10;

/** Times between two ticks, in nanoseconds. */
export type DelayHistogram = Pick<IntervalHistogram, "enable" | "disable" | "reset" | "percentile">;

/** Refuses new work while the event loop is too late to serve it (spec reliability §10). */
export class OverloadGuard {
  readonly #delay: DelayHistogram;
  readonly #onChange: (overloaded: boolean, delayMs: number) => void;
  #timer: NodeJS.Timeout | undefined;
  #overloaded = false;
  #lastDelayMs = 0;

  constructor(
    onChange: (overloaded: boolean, delayMs: number) => void,
    histogram: DelayHistogram = monitorEventLoopDelay({ resolution: resolutionMs }),
  ) {
    this.#onChange = onChange;
    this.#delay = histogram;
  }

  start(): void {
    this.#delay.enable();
    this.#timer = setInterval(() => this.#look(), windowMs);
    this.#timer.unref();
  }

  stop(): void {
    this.#delay.disable();
    clearInterval(this.#timer);
  }

  /** 99th percentile of the event loop's delay in the last window, in milliseconds. */
  get delayMs(): number {
    return this.#lastDelayMs;
  }

  /** Why one more invocation is refused; `undefined` when it is not. */
  admit(): HostError | undefined {
    if (!this.#overloaded) return undefined;
    return new HostError("ServiceUnavailable", "The host is overloaded. Try again.");
  }

  #look(): void {
    this.#lastDelayMs = Math.max(0, this.#delay.percentile(99) / 1e6 - resolutionMs);
    this.#delay.reset();
    const overloaded = this.#lastDelayMs > (this.#overloaded ? recoveredMs : overloadedMs);
    if (overloaded === this.#overloaded) return;
    this.#overloaded = overloaded;
    this.#onChange(overloaded, this.#lastDelayMs);
  }
}

/** Writes the changes of a guard to the log. */
export function overloadLog(log: HostLog): (overloaded: boolean, delayMs: number) => void {
  return (overloaded, delayMs) => {
    const ms = Math.round(delayMs);
    if (overloaded) log.write("warn", "overload.begin", "Refusing new work", { ms });
    else log.write("info", "overload.end", "Taking work again", { ms });
  };
}
