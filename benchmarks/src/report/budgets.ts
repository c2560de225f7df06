import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import { emptyNodeName } from "../measure/measure-start.ts";
import type { LambdadCommand } from "../subject/subjects.ts";
import { judgeAmqp } from "./amqp-budgets.ts";
import { judgeAws } from "./aws-budgets.ts";
import { judgeObjects } from "./objects-budgets.ts";
import { judgeVersions } from "./version-verdicts.ts";
import { acceptMs, echoFigures, lambdadOf, memorySamples, peersOf } from "./figures.ts";
import type { BudgetVerdict } from "./budget-verdict.ts";
import { median } from "./statistics.ts";

/** Lambdad's calls per second over each peer's, at least. */
const rateBudgets: readonly (readonly [scenario: string, what: string, ratioMin: number])[] = [
  ["go-100B-1", "Go echo runtime, 100 B, 1 caller", 1.2],
  ["go-100B-8", "Go echo runtime, 100 B, 8 callers", 2],
  ["go-100B-64", "Go echo runtime, 100 B, 64 callers", 2],
  ["go-1MB-8", "Go echo runtime, 1 MB, 8 callers", 3],
  ["node-100B-8", "Own Node runtime, 100 B, 8 callers", 3],
  ["node-100B-64", "Own Node runtime, 100 B, 64 callers", 3],
];

const startRatioMax = 1.5;
const mib = 1_048_576;
const idleMiBMax = 70;
const afterMiBMax = 150;

/**
 * Holds the results against the budgets of the scenarios that were run. Start and memory are judged of
 * a build only: sources pay for their types.
 */
export function judgeBudgets(
  results: readonly ScenarioResult[],
  origin: LambdadCommand["origin"],
): BudgetVerdict[] {
  const byName = new Map(results.map((result) => [result.scenario.name, result]));
  const verdicts: BudgetVerdict[] = [];
  for (const [name, what, ratioMin] of rateBudgets) {
    const result = byName.get(name);
    if (result !== undefined) verdicts.push(...judgeRates(result, what, ratioMin));
  }
  const start = byName.get("start");
  if (start !== undefined) verdicts.push(notOfSources(judgeStart(start), origin));
  for (const name of ["memory-go", "memory-node"]) {
    const result = byName.get(name);
    if (result === undefined) continue;
    verdicts.push(...judgeMemory(result).map((verdict) => notOfSources(verdict, origin)));
  }
  const awsOrigin = origin === "sources" ? "sources" : "build";
  return [
    ...verdicts,
    ...judgeAmqp(results),
    ...judgeAws(results, awsOrigin),
    ...judgeObjects(results),
    ...judgeVersions(results),
  ];
}

function notOfSources(verdict: BudgetVerdict, origin: LambdadCommand["origin"]): BudgetVerdict {
  if (origin !== "sources") return verdict;
  const measured = `${verdict.measured}, of sources: build first`;
  return { ...verdict, measured, verdict: "not measured" };
}

function judgeRates(result: ScenarioResult, what: string, ratioMin: number): BudgetVerdict[] {
  const ours = rate(lambdadOf(result));
  const peers = peersOf(result);
  if (peers.length === 0) {
    const budget = `at least ${ratioMin} × each peer`;
    return [{ what, budget, measured: "no peer was given", verdict: "not measured" }];
  }
  const floorRates = result.measurements.flatMap((one) =>
    one.role === "floor" ? (rate(one) ?? []) : [],
  );
  return peers.map((peer) => {
    const theirs = rate(peer);
    const lowerBound =
      theirs === undefined || floorRates.length === 0
        ? undefined
        : `${(Math.max(...floorRates) / theirs).toFixed(2)} ×`;
    const budget = `at least ${ratioMin} × ${peer.subject}`;
    if (ours === undefined || theirs === undefined) {
      const measured = "one of the two has no figure";
      return { what, budget, measured, verdict: "not measured", lowerBound };
    }
    const verdict = ours / theirs >= ratioMin ? "pass" : "miss";
    return { what, budget, measured: `${(ours / theirs).toFixed(2)} ×`, verdict, lowerBound };
  });
}

function rate(measurement: Measurement | undefined): number | undefined {
  return measurement === undefined ? undefined : echoFigures(measurement)?.callsPerSecond;
}

function judgeStart(result: ScenarioResult): BudgetVerdict {
  const what = "Start to listening";
  const budget = `at most ${startRatioMax} × ${emptyNodeName}`;
  const ours = lambdadOf(result);
  const empty = result.measurements.find(({ subject }) => subject === emptyNodeName);
  const [ourMs, emptyMs] = [ours && acceptMs(ours), empty && acceptMs(empty)];
  if (ourMs === undefined || emptyMs === undefined) {
    return { what, budget, measured: "no figure", verdict: "not measured" };
  }
  const measured = `${(ourMs / emptyMs).toFixed(2)} × (${ourMs.toFixed(0)} ms, ${emptyMs.toFixed(0)} ms)`;
  return { what, budget, measured, verdict: ourMs / emptyMs <= startRatioMax ? "pass" : "miss" };
}

function judgeMemory(result: ScenarioResult): BudgetVerdict[] {
  const ours = lambdadOf(result);
  const samples = ours === undefined ? [] : memorySamples(ours);
  const { name } = result.scenario;
  const lines = [
    ["idle", idleMiBMax, median(samples.map(({ idleBytes }) => idleBytes))],
    ["after 6 MB payloads, 8 callers", afterMiBMax, median(samples.map((one) => one.afterBytes))],
  ] as const;
  return lines.map(([when, max, bytes]) => {
    const [what, budget] = [`Memory ${when} (${name})`, `at most ${max} MB resident`];
    if (bytes === undefined) {
      return { what, budget, measured: "no figure", verdict: "not measured" };
    }
    const verdict = bytes / mib <= max ? "pass" : "miss";
    return { what, budget, measured: `${(bytes / mib).toFixed(0)} MB`, verdict };
  });
}
