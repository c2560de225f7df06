import { createHistogram } from "node:perf_hooks";
import { setTimeout as delay } from "node:timers/promises";
import { EchoBody } from "../load/echo-body.ts";
import type { EchoResult } from "../load/messages.ts";
import { processCpuMs } from "../subject/process-figures.ts";

/** What a caller is told: how much, how long, and whose CPU time is to be taken. */
export interface CallerLoad {
  readonly inFlight: number;
  readonly payloadBytes: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly hostPid: number;
  readonly brokerPid: number | undefined;
}

const callMsMax = 20_000;
const primingMsMax = 30_000;
const errorTextsMax = 5;
const errorsMax = 1_000;

/**
 * Keeps so many calls in flight, each followed by the next when it is answered, and measures within the
 * running load. Every reply is compared with its request, byte by byte. Ends when all replies are there.
 */
export class CallerRun {
  readonly #load: CallerLoad;
  readonly #call: (body: Buffer) => Promise<Uint8Array>;
  readonly #histogram = createHistogram({ lowest: 1, highest: 120_000_000_000, figures: 3 });
  readonly #startsMs: number[];
  readonly #errorTexts: string[] = [];
  readonly #primed = Promise.withResolvers<void>();
  readonly #gaveUp = Promise.withResolvers<void>();
  #phase: "warm-up" | "measuring" | "over" = "warm-up";
  #unprimed: number;
  #sequence = 0;
  #calls = 0;
  #errors = 0;

  constructor(load: CallerLoad, call: (body: Buffer) => Promise<Uint8Array>) {
    this.#load = load;
    this.#call = call;
    this.#unprimed = load.inFlight;
    this.#startsMs = Array.from({ length: load.inFlight }, () => Infinity);
  }

  async run(): Promise<EchoResult> {
    const { inFlight, warmUpMs, measureMs, hostPid, brokerPid } = this.#load;
    const watch = setInterval(() => this.#expire(), 1_000);
    const slots = Array.from({ length: inFlight }, (_, slot) => this.#keepCalling(slot));
    const over = this.#gaveUp.promise;
    await Promise.race([this.#primed.promise, over, delay(primingMsMax, undefined, unreferenced)]);
    await Promise.race([over, delay(warmUpMs)]);
    const before = cpuTimes(hostPid, brokerPid);
    const startMs = performance.now();
    if (this.#phase === "warm-up") this.#phase = "measuring";
    await Promise.race([over, delay(measureMs)]);
    this.#phase = "over";
    const seconds = (performance.now() - startMs) / 1_000;
    const after = cpuTimes(hostPid, brokerPid);
    // What is still in flight would disturb the next one that is measured.
    await Promise.race([Promise.all(slots), over, delay(callMsMax, undefined, unreferenced)]);
    clearInterval(watch);
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
      daemonCpuMs: difference(before.host, after.host),
      extensionsCpuMs: undefined,
      generatorCpuMs: after.own - before.own,
      brokerCpuMs: difference(before.broker, after.broker),
    };
  }

  async #keepCalling(slot: number): Promise<void> {
    // One body for each: it is not changed before its reply has come.
    const body = new EchoBody(this.#load.payloadBytes);
    for (let isFirst = true; this.#phase !== "over"; isFirst = false) {
      this.#sequence += 1;
      body.number(this.#sequence);
      const startMs = performance.now();
      this.#startsMs[slot] = startMs;
      try {
        const reply = await this.#call(body.bytes);
        if (!body.bytes.equals(reply)) throw new Error(`a body that is not the event`);
        if (this.#phase === "measuring") {
          this.#calls += 1;
          const nanoseconds = Math.round((performance.now() - startMs) * 1e6);
          this.#histogram.record(Math.max(1, nanoseconds));
        }
        if (isFirst) {
          this.#unprimed -= 1;
          if (this.#unprimed === 0) this.#primed.resolve();
        }
      } catch (error) {
        this.#failed(String(error));
        // A broker that refuses must not turn into a busy loop.
        await delay(10);
      }
    }
    this.#startsMs[slot] = Infinity;
  }

  #failed(text: string): void {
    this.#errors += 1;
    if (this.#errorTexts.length < errorTextsMax) this.#errorTexts.push(text);
    if (this.#errors >= errorsMax) this.#giveUp();
  }

  #expire(): void {
    const limitMs = performance.now() - callMsMax;
    if (!this.#startsMs.some((startMs) => startMs < limitMs)) return;
    this.#failed(`no answer within ${callMsMax / 1_000} s`);
    this.#giveUp();
  }

  #giveUp(): void {
    this.#phase = "over";
    this.#gaveUp.resolve();
  }
}

const unreferenced = { ref: false };

interface CpuTimes {
  readonly own: number;
  readonly host: number | undefined;
  readonly broker: number | undefined;
}

function cpuTimes(hostPid: number, brokerPid: number | undefined): CpuTimes {
  const { user, system } = process.cpuUsage();
  return {
    own: (user + system) / 1_000,
    host: processCpuMs(hostPid),
    broker: brokerPid === undefined ? undefined : processCpuMs(brokerPid),
  };
}

function difference(before: number | undefined, after: number | undefined): number | undefined {
  return before === undefined || after === undefined ? undefined : after - before;
}
