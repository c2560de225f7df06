import assert from "node:assert/strict";
import { test } from "node:test";
import { MemorySamples, residentBytes } from "./memory-samples.ts";
import { hasProc } from "./processes.ts";

const mib = 1_048_576;

function samples(values: readonly number[]): MemorySamples {
  const made = new MemorySamples();
  for (const [index, value] of values.entries()) made.add(index / values.length, value * mib);
  return made;
}

const cases: readonly (readonly [
  what: string,
  values: readonly number[],
  flat: boolean | undefined,
])[] = [
  ["a level", [50, 100, 100, 100, 100, 100, 100, 100, 100, 100], true],
  ["growth in the first tenth", [10, 100, 100, 100, 100, 100, 100, 100, 100, 106], true],
  ["steady growth", [50, 100, 101, 102, 103, 104, 105, 106, 106, 107], false],
  ["a fall", [50, 100, 90, 80, 70, 60, 60, 60, 60, 60], true],
  ["too few samples", [100, 100], undefined],
];
for (const [what, values, flat] of cases) {
  test(`MemorySamples.growth() of ${what}`, () => {
    assert.equal(samples(values).growth()?.isFlat, flat);
  });
}

test("MemorySamples.tenths() has the median and the most of each tenth", () => {
  const made = samples(Array.from({ length: 30 }, (_, index) => index));
  assert.deepEqual(made.tenths()[9], { medianBytes: 28 * mib, maxBytes: 29 * mib, samples: 3 });
  assert.equal(made.maxBytes, 29 * mib);
});

test("residentBytes() reads this process", { skip: !hasProc && "needs /proc" }, async () => {
  const bytes = (await residentBytes(process.pid)) ?? 0;
  assert.ok(bytes > 10 * mib && bytes < 4_096 * mib, String(bytes));
});
