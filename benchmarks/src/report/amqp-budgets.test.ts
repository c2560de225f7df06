import assert from "node:assert/strict";
import { test } from "node:test";
import { pairNames } from "../amqp/amqp-pairs.ts";
import type { EchoResult } from "../load/messages.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import { selectScenarios } from "../measure/scenarios.ts";
import { judgeAmqp } from "./amqp-budgets.ts";
import { amqpText } from "./amqp-text.ts";

function echo(calls: number, p50: number): EchoResult {
  return {
    kind: "echo",
    calls,
    seconds: 1,
    latencyMs: { p50, p90: p50, p99: p50, max: p50 },
    errors: 0,
    errorTexts: [],
    daemonCpuMs: 10,
    extensionsCpuMs: undefined,
    generatorCpuMs: 20,
    brokerCpuMs: 40,
  };
}

function resultOf(
  name: string,
  samples: Readonly<Record<string, readonly EchoResult[]>>,
): ScenarioResult {
  const [scenario] = selectScenarios([name], { quick: false });
  assert.ok(scenario?.name === name);
  const measurements = Object.entries(samples).map(([subject, list]): Measurement => ({
    subject,
    role: "lambdad",
    samples: list,
    failure: undefined,
    skipped: undefined,
  }));
  return { scenario, measurements };
}

for (const [bare, pika, verdicts] of [
  [1_111, 333, ["pass", "pass"]],
  [1_112, 334, ["miss", "miss"]],
] as const) {
  test(`judgeAmqp() holds 1000 calls/s against ${bare} and ${pika}, round by round`, () => {
    const result = resultOf("amqp-11B-1000", {
      [pairNames.runtime]: [echo(1_000, 1), echo(2_000, 1), echo(10, 1)],
      [pairNames.bare]: [echo(bare, 1), echo(2 * bare, 1), echo(10_000, 1)],
      [pairNames.pika]: [echo(pika, 1), echo(2 * pika, 1), echo(10_000, 1)],
    });
    assert.deepEqual(
      judgeAmqp([result]).map(({ verdict }) => verdict),
      verdicts,
    );
  });
}

for (const [server, verdict] of [
  [0.9, "pass"],
  [0.91, "miss"],
] as const) {
  test(`judgeAmqp() calls a server with p50 ${server} ms over 0.5 ms a ${verdict}`, () => {
    const result = resultOf("amqp-11B-1", {
      [pairNames.runtimeJson]: [echo(1, 0.5)],
      [pairNames.server]: [echo(1, server)],
    });
    const [judged, ...others] = judgeAmqp([result]);
    assert.deepEqual(others, []);
    assert.equal(judged?.verdict, verdict);
  });
}

test("judgeAmqp() does not judge what was not measured", () => {
  assert.deepEqual(judgeAmqp([]), []);
  const verdicts = ["amqp-11B-1", "amqp-11B-1000"].flatMap((name) =>
    judgeAmqp([resultOf(name, {})]),
  );
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    ["not measured", "not measured", "not measured"],
  );
});

test("amqpText() shows the ratio to each pair, and CPU time of all three", () => {
  const text = amqpText([
    resultOf("amqp-5KB-100", {
      [pairNames.runtime]: [echo(1_000, 1)],
      [pairNames.bare]: [echo(800, 1)],
    }),
  ]);
  assert.match(text, /\| 5KB +\| 100 +\| bare amqplib +\| +800 \| +0 % \| +1\.25 \|/);
  assert.match(text, /\| lambda-runtime +\| .* 10 \| +20 \| +40 \| +0 \|/);
});
