import assert from "node:assert/strict";
import { test } from "node:test";
import type { EchoResult } from "../load/messages.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import { selectScenarios } from "../measure/scenarios.ts";
import type { SubjectRole } from "../subject/subject.ts";
import { extensionsText } from "./extensions-text.ts";
import { judgeVersions } from "./version-verdicts.ts";

const extensions = { command: ["agent"], count: 2, telemetry: true };

function measurement(
  subject: string,
  role: SubjectRole,
  rates: readonly number[],
  more: Partial<Measurement> = {},
): Measurement {
  const samples = rates.map((calls): EchoResult => ({
    kind: "echo",
    calls,
    seconds: 1,
    latencyMs: { p50: 1, p90: 1, p99: 1, max: 1 },
    errors: 0,
    errorTexts: [],
    daemonCpuMs: 100,
    extensionsCpuMs: more.extensions === undefined ? undefined : 200,
    generatorCpuMs: 100,
  }));
  return { subject, role, samples, failure: undefined, skipped: undefined, ...more };
}

function result(name: string, measurements: readonly Measurement[]): ScenarioResult {
  const [scenario] = selectScenarios([name], { quick: false });
  assert.ok(scenario?.name === name);
  return { scenario, measurements };
}

for (const [ours, verdict] of [
  // The machine slows down meanwhile: the rounds are compared, not the medians of all.
  [[980, 490, 98], "pass"],
  [[960, 480, 96], "miss"],
  [[], "not measured"],
] as const) {
  test(`judgeVersions() calls rates of ${ours.join(", ")} a ${verdict}`, () => {
    const measurements = [
      measurement("lambdad", "lambdad", ours),
      measurement("lambdad, 2 extensions", "lambdad", [1, 1, 1], { extensions }),
      measurement("lambdad 1234567", "version", [1_000, 500, 100]),
      measurement("go", "peer", [9_000, 9_000, 9_000]),
    ];
    for (const name of ["extensions-go-8", "go-100B-8"]) {
      const verdicts = judgeVersions([result(name, measurements)]);
      assert.deepEqual(
        verdicts.map((one) => one.verdict),
        [verdict],
      );
    }
  });
}

test("extensionsText() compares each host with itself without extensions", () => {
  const text = extensionsText([
    result("extensions-go-8", [
      measurement("lambdad", "lambdad", [4_000]),
      measurement("lambdad, 2 extensions", "lambdad", [1_000], { extensions }),
      measurement("go", "peer", [2_000]),
      measurement("go, 2 extensions", "peer", [1_000], { extensions }),
    ]),
  ]);
  assert.match(text, /\| lambdad, 2 extensions +\| +1,000 \| +0 % \| +0\.25 \|.*\| +200 \| +0 \|/);
  assert.match(text, /\| go, 2 extensions +\| +1,000 \| +0 % \| +0\.50 \|/);
  assert.equal(extensionsText([]), "");
});
