import { createHistogram } from "node:perf_hooks";
import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import type { EchoResult } from "../load/messages.ts";

/** What a client is told to do. */
export interface AwsLoad {
  /** `s3-get`, … see `aws-clients/operations.mjs`. */
  readonly operation: string;
  readonly size: number;
  /** What each call must give: bytes, keys, items, or 1. */
  readonly expected: number;
  readonly inFlight: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Measure the memory after so many calls, and nothing else. */
  readonly calls?: number | undefined;
}

/** Makes one call and gives a number that tells whether the answer was read. */
export type BenchmarkCall = () => Promise<number>;

/** What a module in `aws-clients/` opens. */
export interface BenchmarkClient {
  /** `undefined`: this client cannot do it. */
  call(operation: string, size: number): BenchmarkCall | undefined;
  close(): Promise<void>;
}

/** Calls of one slot after which it lets the event loop turn. */
const callsPerTurn = 16;
const errorTextsMax = 5;
const errorsMax = 1_000;
const endMsMax = 60_000;
/** So often each of the calls in flight must have ended, or so many times the measured time be over. */
const wavesMin = 2;
const timesMax = 8;

/** Keeps so many calls in flight and measures within the running load; it takes little time itself. */
export class AwsLoadRun {
  readonly #load: AwsLoad;
  readonly #call: BenchmarkCall;
  readonly #histogram = createHistogram({ lowest: 1, highest: 120_000_000_000, figures: 3 });
  readonly #errorTexts: string[] = [];
  readonly #gaveUp = Promise.withResolvers<void>();
  #phase: "warm-up" | "measuring" | "over" = "warm-up";
  #calls = 0;
  #errors = 0;

  constructor(load: AwsLoad, call: BenchmarkCall) {
    this.#load = load;
    this.#call = call;
  }

  async run(): Promise<EchoResult> {
    const { inFlight, warmUpMs } = this.#load;
    const over = this.#gaveUp.promise;
    const slots = Array.from({ length: inFlight }, () => this.#keepCalling());
    await Promise.race([over, delay(warmUpMs)]);
    const cpuBefore = process.cpuUsage();
    const startMs = performance.now();
    if (this.#phase === "warm-up") this.#phase = "measuring";
    await Promise.race([over, this.#measured()]);
    this.#phase = "over";
    const seconds = (performance.now() - startMs) / 1_000;
    const { user, system } = process.cpuUsage(cpuBefore);
    // What is still in flight would disturb the next client that is measured.
    await Promise.race([Promise.all(slots), delay(endMsMax, undefined, { ref: false })]);
    const histogram = this.#histogram;
    return {
      kind: "echo",
      calls: this.#calls,
      seconds,
      latencyMs: {
        p50: histogram.percentile(50) / 1e6,
        p90: histogram.percentile(90) / 1e6,
        p99: histogram.percentile(99) / 1e6,
        max: this.#calls === 0 ? 0 : histogram.max / 1e6,
      },
      errors: this.#errors,
      errorTexts: this.#errorTexts,
      daemonCpuMs: undefined,
      extensionsCpuMs: undefined,
      generatorCpuMs: (user + system) / 1_000,
    };
  }

  /** The measured time; longer where it is too short for slow calls to come round. */
  async #measured(): Promise<void> {
    const { inFlight, measureMs } = this.#load;
    for (let times = 0; times < timesMax; times += 1) {
      await delay(measureMs);
      if (this.#calls >= wavesMin * inFlight) return;
    }
  }

  async #keepCalling(): Promise<void> {
    const { expected } = this.#load;
    for (let call = 1; this.#phase !== "over"; call += 1) {
      // What answers from memory leaves the timers no time of their own.
      if (call % callsPerTurn === 0) await nextTurn();
      const startMs = performance.now();
      try {
        const result = await this.#call();
        if (result !== expected) throw new Error(`a result of ${result} instead of ${expected}`);
        if (this.#phase === "measuring") {
          this.#calls += 1;
          const nanoseconds = Math.round((performance.now() - startMs) * 1e6);
          this.#histogram.record(Math.max(1, nanoseconds));
        }
      } catch (error) {
        this.#failed(error instanceof Error ? (error.stack ?? error.message) : String(error));
        // A server that refuses must not turn into a busy loop.
        await delay(10);
      }
    }
  }

  #failed(text: string): void {
    this.#errors += 1;
    if (this.#errorTexts.length < errorTextsMax) this.#errorTexts.push(text);
    if (this.#errors < errorsMax) return;
    this.#phase = "over";
    this.#gaveUp.resolve();
  }
}
