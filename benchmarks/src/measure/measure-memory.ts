import { setTimeout as delay } from "node:timers/promises";
import { resetPeakMemory, residentMemory } from "../subject/process-figures.ts";
import {
  attempt,
  type Bench,
  candidates,
  concurrency,
  type MemorySample,
  scenarioResult,
  type ScenarioResult,
  withSubject,
} from "./measurement.ts";
import { type MemoryScenario, payloadSizes } from "./scenarios.ts";

/** Between a start or a load and reading the memory that stays. */
const settleMs = 2_000;
const settleQuickMs = 200;

/** Takes the memory of each subject's own process, from a fresh start each time. */
export async function measureMemory(
  bench: Bench,
  scenario: MemoryScenario,
): Promise<ScenarioResult> {
  const measurements = candidates(bench, scenario.runtime);
  for (let round = 1; round <= bench.rounds; round += 1) {
    for (const measurement of measurements) {
      const { name } = measurement.subject;
      bench.progress(`${scenario.name} · round ${round} of ${bench.rounds} · ${name}`);
      await attempt(bench, measurement, async () => {
        const sample = await withSubject(bench, measurement, ({ port, pid }) =>
          takeSample(bench, port, pid),
        );
        measurement.samples.push(sample);
      });
    }
  }
  return scenarioResult(bench, scenario, measurements);
}

async function takeSample(bench: Bench, port: number, pid: number): Promise<MemorySample> {
  const { generator, signal, quick } = bench;
  const wait = quick ? settleQuickMs : settleMs;
  await delay(wait, undefined, { signal });
  const idle = residentMemory(pid);
  resetPeakMemory(pid);
  const load = {
    port,
    pid,
    callers: concurrency,
    payloadBytes: payloadSizes["6MB"],
    primingCalls: 2,
    warmUpMs: 0,
    measureMs: bench.measureMs,
  };
  const { calls, errors, errorTexts } = await generator.echo(load, signal);
  const peak = residentMemory(pid);
  await delay(wait, undefined, { signal });
  const after = residentMemory(pid);
  if (idle === undefined || peak === undefined || after === undefined) {
    throw new Error("Cannot read the memory of a process: it has ended, or there is no /proc");
  }
  return {
    kind: "memory",
    idleBytes: idle.nowBytes,
    peakBytes: peak.peakBytes,
    afterBytes: after.nowBytes,
    calls,
    errors,
    errorTexts,
  };
}
