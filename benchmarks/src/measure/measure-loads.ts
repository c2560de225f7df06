import type { Extensions } from "../subject/extension-folder.ts";
import { RunningSubject } from "../subject/running-subject.ts";
import { processCpuMs, resetPeakMemory, residentMemory } from "../subject/process-figures.ts";
import {
  attempt,
  type Bench,
  candidates,
  concurrency,
  type MeasurementInProgress,
  type Sample,
  scenarioResult,
  type ScenarioResult,
} from "./measurement.ts";
import type { EchoScenario, ExtensionsScenario, StreamScenario } from "./scenarios.ts";

const warmUpMs = 500;
const warmUpQuickMs = 50;
const streamTimeoutMs = 60_000;

/**
 * Starts all subjects, then measures them in turn, round after round (A B C A B C …): what changes on
 * the machine meanwhile meets all of them.
 */
export async function measureLoad(
  bench: Bench,
  scenario: EchoScenario | ExtensionsScenario | StreamScenario,
): Promise<ScenarioResult> {
  const measurements = candidates(bench, scenario.runtime);
  const running = new Map<MeasurementInProgress, RunningSubject>();
  try {
    for (const measurement of measurements) {
      await attempt(bench, measurement, async () => {
        const { subject, runtime } = measurement;
        const options = { concurrency, signal: bench.signal };
        running.set(measurement, await RunningSubject.start(subject, runtime, options));
      });
    }
    for (let round = 1; round <= bench.rounds; round += 1) {
      for (const [measurement, subject] of running) {
        bench.progress(`${scenario.name} · round ${round} of ${bench.rounds} · ${subject.name}`);
        await attempt(bench, measurement, async () => {
          const { extensions } = measurement.subject;
          const sample = await takeSample(bench, { scenario, extensions }, subject);
          if (round === 1) await subject.extensions.untilWorking(bench.signal);
          measurement.samples.push(sample);
          const failure = whyUseless(sample);
          if (failure !== undefined) throw new Error(failure + subject.output());
        });
      }
    }
  } finally {
    await Promise.all([...running.values()].map((subject) => subject.stop()));
  }
  return scenarioResult(bench, scenario, measurements);
}

interface LoadCase {
  readonly scenario: EchoScenario | ExtensionsScenario | StreamScenario;
  readonly extensions: Extensions | undefined;
}

async function takeSample(
  bench: Bench,
  { scenario, extensions }: LoadCase,
  { port, pid }: RunningSubject,
): Promise<Sample> {
  const { generator, signal, quick } = bench;
  if (scenario.kind !== "stream") {
    const extension = extensions?.command.at(-1);
    const load = {
      port,
      pid,
      callers: scenario.callers,
      payloadBytes: scenario.payloadBytes,
      primingCalls: 2,
      warmUpMs: quick ? warmUpQuickMs : warmUpMs,
      measureMs: bench.measureMs,
      ...(extension === undefined ? {} : { extension }),
    };
    return generator.echo(load, signal);
  }
  resetPeakMemory(pid);
  const beforeBytes = residentMemory(pid)?.nowBytes;
  const cpuMs = processCpuMs(pid);
  const call = {
    port,
    bytes: scenario.bytes,
    pauseMs: scenario.pauseMs,
    timeoutMs: streamTimeoutMs,
  };
  const result = await generator.stream(call, signal);
  const cpuEndMs = processCpuMs(pid);
  return {
    ...result,
    daemonCpuMs: cpuMs === undefined || cpuEndMs === undefined ? undefined : cpuEndMs - cpuMs,
    beforeBytes,
    peakBytes: residentMemory(pid)?.peakBytes,
  };
}

/** Why a subject need not be asked again in this scenario. */
function whyUseless(sample: Sample): string | undefined {
  if (sample.kind === "stream") return sample.failure;
  if (sample.kind === "echo" && sample.calls === 0) {
    return sample.errorTexts[0] ?? "no call ended in the measured time";
  }
  return undefined;
}
