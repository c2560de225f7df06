import assert from "node:assert/strict";
import { test } from "node:test";
import { awsNames, noClientName } from "../aws/aws-subjects.ts";
import type { EchoResult } from "../load/messages.ts";
import type { Sample } from "../measure/measurement.ts";
import { judgeAws } from "./aws-budgets.ts";
import { calls, result } from "./budgets-fixture.test.ts";

/** A round in which a call took so many microseconds of CPU time. */
function round(cpuPerCallUs: number): EchoResult {
  return calls(1_000, cpuPerCallUs);
}

function start(acceptMs: number): Sample {
  return { kind: "start", acceptMs, firstAnswerMs: undefined };
}

test("judgeAws takes the median of the ratios of rounds, over the SDK and over the floor", () => {
  const measured = result("aws-s3-get-1KB-64", {
    [awsNames.lambdad]: [round(40), round(50), round(400)],
    [awsNames.sdk]: [round(600), round(700), round(800)],
    [awsNames.floor]: [round(32), round(35), round(360)],
  });
  const verdicts = judgeAws([measured], "build");
  assert.deepEqual(
    verdicts.map(({ measured: text, verdict }) => [text, verdict]),
    [
      ["14.00 ×", "pass"],
      ["0.80 ×", "miss"],
    ],
  );
});

test("judgeAws judges starts of a build, and not of sources", () => {
  const results = [
    result("aws-import", { [awsNames.lambdad]: [start(33)], [noClientName]: [start(29)] }),
    result("aws-first-call", { [awsNames.lambdad]: [start(60)], [awsNames.sdk]: [start(130)] }),
  ];
  const verdicts = (origin: "build" | "sources") =>
    judgeAws(results, origin).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts("build"), ["pass", "pass"]);
  assert.deepEqual(verdicts("sources"), ["not measured", "not measured"]);
});

test("judgeAws holds the memory at the end against that after 1,000 calls", () => {
  const mib = 1_048_576;
  const sample = { kind: "memory", calls: 50_000, errors: 0, errorTexts: [] } as const;
  const grown = { ...sample, idleBytes: 90 * mib, peakBytes: 140 * mib, afterBytes: 115 * mib };
  const [verdict] = judgeAws([result("aws-memory", { [awsNames.lambdad]: [grown] })], "build");
  assert.equal(verdict?.measured, "25 MB");
  assert.equal(verdict?.verdict, "miss");
});

test("judgeAws says where there is no figure", () => {
  const [verdict] = judgeAws([result("aws-s3-list-64", {})], "build");
  assert.equal(verdict?.verdict, "not measured");
});
