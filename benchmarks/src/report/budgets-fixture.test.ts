import assert from "node:assert/strict";
import type { EchoResult } from "../load/messages.ts";
import type { Measurement, Sample, ScenarioResult } from "../measure/measurement.ts";
import { allScenarios } from "../measure/scenarios.ts";

const scenarios = allScenarios({ quick: false });

/** A scenario with the samples of its subjects. */
export function result(
  name: string,
  samples: Readonly<Record<string, readonly Sample[]>>,
): ScenarioResult {
  const scenario = scenarios.find((one) => one.name === name);
  assert.ok(scenario !== undefined, name);
  const measurements = Object.entries(samples).map(([subject, list]): Measurement => ({
    subject,
    role: "peer",
    samples: list,
    failure: undefined,
    skipped: undefined,
  }));
  return { scenario, measurements };
}

/** A round of so many calls in a second, each without an error. */
export function calls(rate: number, generatorCpuMs: number): EchoResult {
  return {
    kind: "echo",
    calls: rate,
    seconds: 1,
    latencyMs: { p50: 1, p90: 1, p99: 1, max: 1 },
    errors: 0,
    errorTexts: [],
    daemonCpuMs: undefined,
    extensionsCpuMs: undefined,
    generatorCpuMs,
  };
}
