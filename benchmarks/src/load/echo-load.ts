import { createHistogram } from "node:perf_hooks";
import { descendantsCpuMs, processCpuMs } from "../subject/process-figures.ts";
import { Caller, type CallListener } from "./caller.ts";
import { EchoRequests } from "./echo-request.ts";
import type { EchoLoad, EchoResult } from "./messages.ts";

const callTimeoutMs = 20_000;
const primingMsMax = 30_000;
const errorTextsMax = 5;
/** So many errors mean that nothing is measured any more. */
const errorsMax = 1_000;

type LoadPhase = "priming" | "warm-up" | "measuring" | "over";

/**
 * Runs callers in a closed loop: each sends its next call when the last one is answered. The measured
 * time lies inside a running load, so neither its start nor its end is in the figures.
 */
export async function runEchoLoad(load: EchoLoad): Promise<EchoResult> {
  const histogram = createHistogram({ lowest: 1, highest: 120_000_000_000, figures: 3 });
  const requests = new EchoRequests(load.port, load.payloadBytes);
  const errorTexts: string[] = [];
  const missing = new Map<Caller, number>();
  const primed = Promise.withResolvers<void>();
  const gaveUp = Promise.withResolvers<void>();
  let phase: LoadPhase = "priming";
  let calls = 0;
  let errors = 0;

  const listener: CallListener = {
    done(caller, milliseconds, failure) {
      if (failure !== undefined) {
        errors += 1;
        if (errorTexts.length < errorTextsMax) errorTexts.push(failure);
        if (errors >= errorsMax) {
          phase = "over";
          gaveUp.resolve();
        }
      } else if (phase === "measuring") {
        calls += 1;
        histogram.record(Math.max(1, Math.round(milliseconds * 1_000_000)));
      }
      if (phase === "priming" && failure === undefined) {
        const left = (missing.get(caller) ?? 0) - 1;
        if (left > 0) missing.set(caller, left);
        else missing.delete(caller);
        if (missing.size === 0) primed.resolve();
      }
      if (phase === "over") return;
      // A caller whose connection was refused must not turn into a busy loop.
      if (failure === undefined) caller.send();
      else setTimeout(() => caller.send(), 10);
    },
  };

  const callers = Array.from(
    { length: load.callers },
    () => new Caller(load.port, requests, listener),
  );
  const watch = setInterval(() => {
    for (const caller of callers) caller.expire(callTimeoutMs);
  }, 1_000);
  try {
    for (const caller of callers) {
      missing.set(caller, load.primingCalls);
      caller.send();
    }
    await Promise.race([primed.promise, gaveUp.promise, delay(primingMsMax)]);
    if (phase === "priming") phase = "warm-up";
    await Promise.race([gaveUp.promise, delay(load.warmUpMs)]);
    const extensionsCpuMs = extensionsCpu(load);
    const generatorCpu = process.cpuUsage();
    const daemonCpuMs = processCpuMs(load.pid);
    const startMs = performance.now();
    if (phase === "warm-up") phase = "measuring";
    await Promise.race([gaveUp.promise, delay(load.measureMs)]);
    phase = "over";
    const seconds = (performance.now() - startMs) / 1_000;
    const daemonCpuEndMs = processCpuMs(load.pid);
    const generatorSpent = process.cpuUsage(generatorCpu);
    const extensionsCpuEndMs = extensionsCpu(load);
    return {
      kind: "echo",
      calls,
      seconds,
      latencyMs: {
        p50: histogram.percentile(50) / 1e6,
        p90: histogram.percentile(90) / 1e6,
        p99: histogram.percentile(99) / 1e6,
        max: calls === 0 ? 0 : histogram.max / 1e6,
      },
      errors,
      errorTexts,
      daemonCpuMs:
        daemonCpuMs === undefined || daemonCpuEndMs === undefined
          ? undefined
          : daemonCpuEndMs - daemonCpuMs,
      extensionsCpuMs:
        extensionsCpuMs === undefined || extensionsCpuEndMs === undefined
          ? undefined
          : extensionsCpuEndMs - extensionsCpuMs,
      generatorCpuMs: (generatorSpent.user + generatorSpent.system) / 1_000,
    };
  } finally {
    clearInterval(watch);
    for (const caller of callers) caller.close();
  }
}

function extensionsCpu({ pid, extension }: EchoLoad): number | undefined {
  return extension === undefined ? undefined : descendantsCpuMs(pid, extension);
}

function delay(milliseconds: number): Promise<void> {
  // Not referenced: a wait that lost its race must not keep the process.
  return new Promise((resolve) => setTimeout(resolve, milliseconds).unref());
}
