import type { EchoResult } from "../load/messages.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import type { BudgetVerdict } from "./budget-verdict.ts";
import { echoSamples, lambdadOf } from "./figures.ts";
import { median } from "./statistics.ts";

/** Slower by more than this is a loss. */
const lossMax = 0.03;

/**
 * Holds lambdad against its older versions, of all echo calls without extensions: what was added since
 * must cost nothing. Ratios are taken in each round, of two measurements that follow each other, and
 * the median of those counts.
 */
export function judgeVersions(results: readonly ScenarioResult[]): BudgetVerdict[] {
  return results.flatMap((result) => {
    const { scenario, measurements } = result;
    const ours = lambdadOf(result);
    if (ours === undefined || (scenario.kind !== "echo" && scenario.kind !== "extensions")) {
      return [];
    }
    return measurements
      .filter(({ role, extensions }) => role === "version" && extensions === undefined)
      .map((before) => judge(scenario.name, ours, before));
  });
}

function judge(scenario: string, ours: Measurement, before: Measurement): BudgetVerdict {
  const what = `${scenario}, without extensions`;
  const budget = `at least ${1 - lossMax} × ${before.subject}`;
  const rate = medianRatio(ours, before, ({ calls, seconds }) => calls / seconds);
  const cpu = medianRatio(ours, before, ({ daemonCpuMs = NaN, calls }) => daemonCpuMs / calls);
  if (rate === undefined) {
    return { what, budget, measured: "one of the two has no figure", verdict: "not measured" };
  }
  const cpuText = cpu === undefined ? "" : `, CPU per call ${cpu.toFixed(3)} ×`;
  const verdict = rate >= 1 - lossMax ? "pass" : "miss";
  return { what, budget, measured: `${rate.toFixed(3)} ×${cpuText}`, verdict };
}

function medianRatio(
  ours: Measurement,
  before: Measurement,
  figure: (sample: EchoResult) => number,
): number | undefined {
  const theirs = echoSamples(before);
  const ratios = echoSamples(ours).flatMap((sample, round) => {
    const other = theirs[round];
    const ratio = other === undefined ? NaN : figure(sample) / figure(other);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  return median(ratios);
}
