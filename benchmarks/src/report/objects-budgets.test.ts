import assert from "node:assert/strict";
import { test } from "node:test";
import type { EchoResult } from "../load/messages.ts";
import type { TransferSample } from "../measure/measurement.ts";
import { storeNames } from "../stores/start-stores.ts";
import { transferNames } from "../transfers/transfer-subjects.ts";
import { calls, result } from "./budgets-fixture.test.ts";
import { judgeObjects } from "./objects-budgets.ts";
import { storesText } from "./stores-text.ts";
import { transfersText } from "./transfers-text.ts";

const mib = 1_048_576;

/** A round of so many calls in a second. */
function round(rate: number): EchoResult {
  return calls(rate, 500);
}

function transfer(cpuMs: number, grownMiB: number, errors = 0): TransferSample {
  return {
    kind: "transfer",
    bytes: 1_073_741_824,
    seconds: 2,
    cpuMs,
    beforeBytes: 50 * mib,
    peakBytes: (50 + grownMiB) * mib,
    errors,
    errorTexts: [],
  };
}

test("judgeObjects takes the median of the ratios of rounds, and the most memory", () => {
  const measured = result("transfers-upload", {
    [transferNames.lambdad]: [transfer(1_000, 80), transfer(2_000, 100), transfer(1_000, 129)],
    [transferNames.sdk]: [transfer(3_000, 0), transfer(4_000, 0), transfer(2_200, 0)],
  });
  const verdicts = judgeObjects([measured]);
  assert.deepEqual(
    verdicts.map(({ measured: text, verdict }) => [text, verdict]),
    [
      ["2.20 ×", "pass"],
      ["129 MB", "miss"],
    ],
  );
  assert.match(transfersText([measured]), /upload +\| @lambdad\/aws +\| +1\.00 \| +2\.20 \|/);
});

test("judgeObjects leaves transfers that failed out", () => {
  const measured = result("transfers-download", {
    [transferNames.lambdad]: [transfer(10, 500, 1), transfer(2_000, 10)],
    [transferNames.sdk]: [transfer(3_000, 0), transfer(3_000, 0)],
  });
  assert.deepEqual(
    judgeObjects([measured]).map(({ measured: text, verdict }) => [text, verdict]),
    [
      ["1.50 ×", "miss"],
      ["10 MB", "pass"],
    ],
  );
});

test("judgeObjects compares redis: with plain calls, and counts those of memory:", () => {
  const measured = result("stores-put-1KB", {
    [storeNames.memory]: [round(190_000), round(210_000), round(220_000)],
    [storeNames.redis]: [round(40_000), round(50_000), round(60_000)],
    [storeNames.rawRedis]: [round(100_000), round(100_000), round(100_000)],
  });
  assert.deepEqual(
    judgeObjects([measured]).map(({ measured: text, verdict }) => [text, verdict]),
    [
      ["0.50", "pass"],
      ["210,000/s", "pass"],
    ],
  );
  assert.match(storesText([measured]), /put-1KB +\| redis: +\| +50,000 \|/);
});

test("judgeObjects says what has no figure", () => {
  const verdicts = judgeObjects([result("stores-get-64KB", {}), result("transfers-upload", {})]);
  assert.deepEqual(
    verdicts.map(({ verdict }) => verdict),
    ["not measured", "not measured", "not measured"],
  );
  assert.deepEqual(judgeObjects([result("references-1KB", {})]), []);
});
