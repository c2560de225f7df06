import assert from "node:assert/strict";
import { test } from "node:test";
import type { EchoResult } from "../load/messages.ts";
import type { Measurement, Sample, ScenarioResult } from "../measure/measurement.ts";
import { selectScenarios } from "../measure/scenarios.ts";
import type { SubjectRole } from "../subject/subject.ts";
import { judgeBudgets } from "./budgets.ts";

function measurement(subject: string, role: SubjectRole, samples: readonly Sample[]): Measurement {
  return { subject, role, samples, failure: undefined, skipped: undefined };
}

function calls(perSecond: number): EchoResult {
  return {
    kind: "echo",
    calls: 2 * perSecond,
    seconds: 2,
    latencyMs: { p50: 1, p90: 1, p99: 1, max: 1 },
    errors: 0,
    errorTexts: [],
    daemonCpuMs: 100,
    extensionsCpuMs: undefined,
    generatorCpuMs: 100,
  };
}

function result(name: string, measurements: readonly Measurement[]): ScenarioResult {
  const [scenario] = selectScenarios([name], { quick: false });
  assert.ok(scenario?.name === name);
  return { scenario, measurements };
}

for (const [ours, verdict] of [
  [2_000, "pass"],
  [1_990, "miss"],
] as const) {
  test(`judgeBudgets() calls ${ours / 1_000} times the peer a ${verdict}`, () => {
    const measurements = [
      measurement("lambdad", "lambdad", [calls(1), calls(ours), calls(9_000)]),
      measurement("go", "peer", [calls(1_000)]),
      measurement("bare", "floor", [calls(3_000)]),
    ];
    const [judged, ...others] = judgeBudgets([result("go-100B-8", measurements)], "build");
    assert.equal(others.length, 0);
    assert.equal(judged?.verdict, verdict);
    assert.equal(judged?.lowerBound, "3.00 ×");
  });
}

test("judgeBudgets() does not judge without a peer, or without a figure of it", () => {
  const ours = measurement("lambdad", "lambdad", [calls(1_000)]);
  for (const others of [[], [measurement("go", "peer", [])]]) {
    const judged = judgeBudgets([result("go-100B-8", [ours, ...others])], "build");
    assert.deepEqual(
      judged.map(({ verdict }) => verdict),
      ["not measured"],
    );
  }
});

test("judgeBudgets() judges memory idle and after, of a build", () => {
  const mib = 1_048_576;
  const sample = { calls: 1, errors: 0, errorTexts: [], peakBytes: 0 };
  const ours = measurement("lambdad", "lambdad", [
    { kind: "memory", ...sample, idleBytes: 70 * mib, afterBytes: 151 * mib },
  ]);
  for (const [origin, expected] of [
    ["build", ["pass", "miss"]],
    ["sources", ["not measured", "not measured"]],
  ] as const) {
    const judged = judgeBudgets([result("memory-go", [ours])], origin);
    assert.deepEqual(
      judged.map(({ verdict }) => verdict),
      expected,
    );
  }
});
