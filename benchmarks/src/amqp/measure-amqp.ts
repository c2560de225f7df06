import {
  attempt,
  type Bench,
  type MeasurementInProgress,
  type ScenarioResult,
} from "../measure/measurement.ts";
import type { AmqpScenario } from "../measure/scenarios.ts";
import type { AmqpPair } from "./amqp-pairs.ts";
import { RunningPair } from "./running-pair.ts";

const warmUpMs = 500;
const warmUpQuickMs = 50;

/** The broker between the pairs. */
export interface AmqpBench {
  readonly uri: string;
  /** Of its Erlang machine; `undefined`: not ours. */
  readonly brokerPid: number | undefined;
  readonly pairs: readonly AmqpPair[];
}

/** Starts all pairs, then measures them in turn, round after round, as `measureLoad` does. */
export async function measureAmqp(
  bench: Bench,
  { uri, brokerPid, pairs }: AmqpBench,
  scenario: AmqpScenario,
): Promise<ScenarioResult> {
  const measurements = pairs.map((pair) => ({ pair, ...inProgress(pair, scenario) }));
  const running = new Map<MeasurementInProgress, RunningPair>();
  try {
    for (const measurement of measurements) {
      if (measurement.skipped !== undefined) continue;
      await attempt(bench, measurement, async () => {
        const { generator, signal } = bench;
        const pair = await RunningPair.start(measurement.pair, { uri, generator, signal });
        running.set(measurement, pair);
      });
    }
    for (let round = 1; round <= bench.rounds; round += 1) {
      for (const [measurement, pair] of running) {
        bench.progress(`${scenario.name} · round ${round} of ${bench.rounds} · ${pair.name}`);
        await attempt(bench, measurement, async () => {
          const sample = await pair.echo({
            inFlight: scenario.inFlight,
            payloadBytes: scenario.payloadBytes,
            warmUpMs: bench.quick ? warmUpQuickMs : warmUpMs,
            measureMs: bench.measureMs,
            brokerPid,
          });
          measurement.samples.push(sample);
          if (sample.calls > 0) return;
          const reason = sample.errorTexts[0] ?? "no call ended in the measured time";
          throw new Error(reason + pair.output());
        });
      }
    }
  } finally {
    await Promise.all([...running.values()].map((pair) => pair.stop()));
  }
  return {
    scenario,
    measurements: measurements.map(({ pair, samples, failure, skipped }) => ({
      subject: pair.name,
      role: pair.role,
      samples,
      failure,
      skipped,
    })),
  };
}

function inProgress(
  { name, role, bytesInFlightMax = Infinity }: AmqpPair,
  { inFlight, payloadBytes }: AmqpScenario,
): MeasurementInProgress & { readonly skipped: string | undefined } {
  const isTooMuch = inFlight * payloadBytes > bytesInFlightMax;
  return {
    skipped: isTooMuch ? `it holds ${bytesInFlightMax} bytes at once` : undefined,
    subject: { name, role, command: [], runtimes: {} },
    runtime: [],
    samples: [],
    failure: undefined,
  };
}
