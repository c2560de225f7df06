import { awsNames, noClientName } from "../aws/aws-subjects.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import { cpuRatio } from "./aws-text.ts";
import type { BudgetVerdict } from "./budget-verdict.ts";
import { acceptMs, memorySamples } from "./figures.ts";

/** The SDK's CPU time of a call over ours, at least. */
const ratioBudgets: readonly (readonly [scenario: string, ratioMin: number])[] = [
  ["aws-s3-get-1KB-64", 12],
  ["aws-s3-get-16KB-64", 12],
  ["aws-s3-put-1KB-64", 12],
  ["aws-s3-put-16KB-64", 12],
  ["aws-dynamodb-get-1KB-64", 12],
  ["aws-dynamodb-get-16KB-64", 12],
  ["aws-lambda-invoke-1KB-64", 12],
  ["aws-lambda-invoke-16KB-64", 12],
  ["aws-s3-list-64", 8],
  ["aws-dynamodb-query-64", 8],
  ["aws-s3-get-64KB-64", 3],
  ["aws-s3-put-64KB-64", 3],
  ["aws-s3-get-1MB-64", 2],
  ["aws-s3-put-1MB-64", 2],
  ["aws-tls-s3-put-1MB-64", 2.5],
];

const floorRatioMin = 0.9;
/** The floor does not read lists. */
const withoutFloor: ReadonlySet<string> = new Set(["aws-s3-list-64"]);
const importMsMax = 5;
const firstCallRatioMax = 0.5;
const growthMiBMax = 20;
const mib = 1_048_576;

/** Holds our client against the SDK and against hand-signed requests. */
export function judgeAws(
  results: readonly ScenarioResult[],
  origin: "build" | "sources",
): BudgetVerdict[] {
  const byName = new Map(results.map((result) => [result.scenario.name, result]));
  const verdicts = ratioBudgets.flatMap(([name, ratioMin]) => {
    const result = byName.get(name);
    if (result === undefined) return [];
    const floor = withoutFloor.has(name) ? [] : [judgeFloor(result)];
    return [judgeSdk(result, ratioMin), ...floor];
  });
  const started = byName.get("aws-import");
  const called = byName.get("aws-first-call");
  const starts = [
    ...(started === undefined ? [] : [judgeImport(started)]),
    ...(called === undefined ? [] : [judgeFirstCall(called)]),
  ].map((verdict) => notOfSources(verdict, origin));
  const memory = ["aws-memory", "aws-million-calls"].flatMap((name) => {
    const result = byName.get(name);
    return result === undefined ? [] : [judgeGrowth(result)];
  });
  return [...verdicts, ...starts, ...memory];
}

function judgeSdk(result: ScenarioResult, ratioMin: number): BudgetVerdict {
  const what = `${result.scenario.name}, CPU per call`;
  const budget = `the SDK's at least ${ratioMin} × ours`;
  return judgeRatio(what, budget, ratioOf(result, awsNames.sdk), ratioMin);
}

function judgeFloor(result: ScenarioResult): BudgetVerdict {
  const what = `${result.scenario.name}, CPU per call`;
  const budget = `hand-signed at least ${floorRatioMin} × ours`;
  return judgeRatio(what, budget, ratioOf(result, awsNames.floor), floorRatioMin);
}

function judgeRatio(
  what: string,
  budget: string,
  ratio: number | undefined,
  ratioMin: number,
): BudgetVerdict {
  if (ratio === undefined) return { what, budget, measured: "no figure", verdict: "not measured" };
  const verdict = ratio >= ratioMin ? "pass" : "miss";
  return { what, budget, measured: `${ratio.toFixed(2)} ×`, verdict };
}

function ratioOf(result: ScenarioResult, other: string): number | undefined {
  const [ours, theirs] = [awsNames.lambdad, other].map((name) => named(result, name));
  return ours === undefined || theirs === undefined ? undefined : cpuRatio(ours, theirs);
}

function judgeImport(result: ScenarioResult): BudgetVerdict {
  const what = "Import, and a client made";
  const budget = `at most ${importMsMax} ms over ${noClientName}`;
  const [ours, empty] = [awsNames.lambdad, noClientName].map((name) => startMs(result, name));
  if (ours === undefined || empty === undefined) {
    return { what, budget, measured: "no figure", verdict: "not measured" };
  }
  const measured = `${(ours - empty).toFixed(1)} ms (${ours.toFixed(1)}, ${empty.toFixed(1)})`;
  return { what, budget, measured, verdict: ours - empty <= importMsMax ? "pass" : "miss" };
}

function judgeFirstCall(result: ScenarioResult): BudgetVerdict {
  const what = "First call of a process, from its start";
  const budget = `at most ${firstCallRatioMax} × the SDK's`;
  const [ours, sdk] = [awsNames.lambdad, awsNames.sdk].map((name) => startMs(result, name));
  if (ours === undefined || sdk === undefined) {
    return { what, budget, measured: "no figure", verdict: "not measured" };
  }
  const measured = `${(ours / sdk).toFixed(2)} × (${ours.toFixed(0)} ms, ${sdk.toFixed(0)} ms)`;
  return { what, budget, measured, verdict: ours / sdk <= firstCallRatioMax ? "pass" : "miss" };
}

function judgeGrowth(result: ScenarioResult): BudgetVerdict {
  const what = `Memory (${result.scenario.name})`;
  const budget = `at most ${growthMiBMax} MB over that after 1,000 calls`;
  const ours = named(result, awsNames.lambdad);
  const [sample] = ours === undefined ? [] : memorySamples(ours);
  if (sample === undefined) return { what, budget, measured: "no figure", verdict: "not measured" };
  const grown = (sample.afterBytes - sample.idleBytes) / mib;
  const verdict = grown <= growthMiBMax ? "pass" : "miss";
  return { what, budget, measured: `${grown.toFixed(0)} MB`, verdict };
}

function notOfSources(verdict: BudgetVerdict, origin: "build" | "sources"): BudgetVerdict {
  if (origin === "build") return verdict;
  const measured = `${verdict.measured}, of sources: build first`;
  return { ...verdict, measured, verdict: "not measured" };
}

function named({ measurements }: ScenarioResult, name: string): Measurement | undefined {
  return measurements.find(({ subject }) => subject === name);
}

function startMs(result: ScenarioResult, name: string): number | undefined {
  const measurement = named(result, name);
  return measurement === undefined ? undefined : acceptMs(measurement);
}
