import assert from "node:assert/strict";
import { test } from "node:test";
import { growingPartSize, partBytesMax, partsMax, partSizeFor } from "./part-size.ts";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

test("partSizeFor takes the wanted size, and more only where 10,000 parts are not enough", () => {
  for (const [length, wanted, expected] of [
    [0, 8 * MiB, 8 * MiB],
    [1, 8 * MiB, 8 * MiB],
    [80_000 * MiB, 8 * MiB, 8 * MiB],
    [80_000 * MiB + 1, 8 * MiB, 9 * MiB],
    [50_000 * MiB + 1, 5 * MiB, 6 * MiB],
    [5 * 1024 * GiB, 8 * MiB, 525 * MiB],
    [partsMax * partBytesMax, 8 * MiB, partBytesMax],
  ] as const) {
    const size = partSizeFor(length, wanted, "upload");
    assert.equal(size, expected, `${length} bytes`);
    assert.ok(Math.ceil(length / size) <= partsMax);
  }
  assert.throws(() => partSizeFor(partsMax * partBytesMax + 1, 8 * MiB, "copy"), {
    name: "RangeError",
    message: `Cannot copy ${partsMax * partBytesMax + 1} bytes: S3 takes at most 10000 parts of ${partBytesMax} bytes`,
  });
});

test("growingPartSize doubles with each thousand parts, so that no stream S3 can hold fails", () => {
  for (const [number, expected] of [
    [1, 8 * MiB],
    [1000, 8 * MiB],
    [1001, 16 * MiB],
    [2000, 16 * MiB],
    [2001, 32 * MiB],
    [9001, 4096 * MiB],
    [10_000, 4096 * MiB],
  ] as const) {
    assert.equal(growingPartSize(number, 8 * MiB), expected, `part ${number}`);
  }
  let sum = 0;
  for (let number = 1; number <= partsMax; number++) sum += growingPartSize(number, 5 * MiB);
  assert.ok(sum > 4.5 * 1024 * GiB);
  assert.equal(growingPartSize(9001, GiB), partBytesMax);
  assert.throws(() => growingPartSize(10_001, 8 * MiB), {
    name: "RangeError",
    message: /in more than 10000 parts: give its ContentLength, or a larger partSize/,
  });
});
