import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import { storeNames } from "../stores/start-stores.ts";
import { transferNames } from "../transfers/transfer-subjects.ts";
import type { BudgetVerdict } from "./budget-verdict.ts";
import { echoFigures } from "./figures.ts";
import { median } from "./statistics.ts";
import { transferCpuRatio, transferSamples } from "./transfers-text.ts";

/** The CPU time of lib-storage and the SDK over ours, at least. */
const transferRatioMin = 2;
/** `partSize` times `concurrency`, and what the process takes beside it. */
const transferMiBMax = 80 + 48;
/** Rate of the store over that of plain calls of the same client, at least. */
const redisRatioMin = 0.5;
const memoryRateMin = 200_000;
const mib = 1_048_576;

/** Holds transfers against lib-storage, and stores against what they stand on. */
export function judgeObjects(results: readonly ScenarioResult[]): BudgetVerdict[] {
  return results.flatMap((result) => {
    const { kind, name } = result.scenario;
    if (kind === "transfers") return [judgeTransfer(result), judgeTransferMemory(result)];
    if (kind !== "stores" || name.startsWith("references")) return [];
    return name.endsWith("1KB") ? [judgeRedis(result), judgeMemory(result)] : [judgeRedis(result)];
  });
}

function judgeTransfer(result: ScenarioResult): BudgetVerdict {
  const what = `${result.scenario.name}, CPU time`;
  const budget = `lib-storage's at least ${transferRatioMin} × ours`;
  const [ours, sdk] = [transferNames.lambdad, transferNames.sdk].map((one) => named(result, one));
  const ratio = ours === undefined || sdk === undefined ? undefined : transferCpuRatio(ours, sdk);
  return verdictOf({ what, budget }, ratio, transferRatioMin, (value) => `${value.toFixed(2)} ×`);
}

function judgeTransferMemory(result: ScenarioResult): BudgetVerdict {
  const what = `${result.scenario.name}, memory over that before it`;
  const budget = `at most ${transferMiBMax} MB`;
  const ours = named(result, transferNames.lambdad);
  const grown = (ours === undefined ? [] : transferSamples(ours)).map(
    ({ beforeBytes, peakBytes }) => (peakBytes - beforeBytes) / mib,
  );
  if (grown.length === 0) return { what, budget, measured: "no figure", verdict: "not measured" };
  const most = Math.max(...grown);
  const verdict = most <= transferMiBMax ? "pass" : "miss";
  return { what, budget, measured: `${most.toFixed(0)} MB`, verdict };
}

function judgeRedis(result: ScenarioResult): BudgetVerdict {
  const what = `${result.scenario.name}, redis:`;
  const budget = `at least ${redisRatioMin} × SET and GET of the same client`;
  const rates = [storeNames.redis, storeNames.rawRedis].map((one) => ratesOf(named(result, one)));
  const [ours = [], raw = []] = rates;
  const ratios = ours.flatMap((rate, round) => {
    const other = raw[round];
    return other === undefined || other === 0 ? [] : [rate / other];
  });
  return verdictOf({ what, budget }, median(ratios), redisRatioMin, (value) => value.toFixed(2));
}

function judgeMemory(result: ScenarioResult): BudgetVerdict {
  const what = `${result.scenario.name}, memory:`;
  const budget = `at least ${memoryRateMin.toLocaleString("en-US")}/s`;
  const ours = named(result, storeNames.memory);
  const rate = ours === undefined ? undefined : echoFigures(ours)?.callsPerSecond;
  return verdictOf({ what, budget }, rate, memoryRateMin, perSecond);
}

function perSecond(rate: number): string {
  return `${Math.round(rate).toLocaleString("en-US")}/s`;
}

function verdictOf(
  about: Pick<BudgetVerdict, "what" | "budget">,
  value: number | undefined,
  min: number,
  text: (value: number) => string,
): BudgetVerdict {
  if (value === undefined || !Number.isFinite(value)) {
    return { ...about, measured: "no figure", verdict: "not measured" };
  }
  return { ...about, measured: text(value), verdict: value >= min ? "pass" : "miss" };
}

/** Calls per second of each round. */
function ratesOf(measurement: Measurement | undefined): number[] {
  return (measurement?.samples ?? []).flatMap((sample) =>
    sample.kind === "echo" && sample.seconds > 0 ? [sample.calls / sample.seconds] : [],
  );
}

function named({ measurements }: ScenarioResult, name: string): Measurement | undefined {
  return measurements.find(({ subject }) => subject === name);
}
