import assert from "node:assert/strict";
import { test } from "node:test";
import { transferSettings } from "./transfer-settings.ts";

const MiB = 1024 * 1024;

test("transferSettings has the documented defaults", () => {
  assert.deepEqual(transferSettings("upload", {}), {
    partSize: 8 * MiB,
    threshold: 8 * MiB,
    concurrency: 10,
    queueBytes: 80 * MiB,
    leavePartsOnError: false,
  });
  assert.equal(transferSettings("copy", {}, 5 * 1024 * MiB).threshold, 5 * 1024 * MiB);
  assert.equal(transferSettings("upload", { partSize: 5 * MiB }).queueBytes, 50 * MiB);
});

for (const [options, message] of [
  [{ partSize: 5 * MiB - 1 }, /option "partSize" "5242879": give a whole number from 5242880/],
  [{ partSize: "8 MiB" as never }, /option "partSize" "8 MiB"/],
  [{ partSize: 6 * 1024 * MiB }, /to 5368709120$/],
  [{ threshold: -1 }, /option "threshold" "-1"/],
  [{ concurrency: 0 }, /option "concurrency" "0": give a whole number from 1 to 1000/],
  [{ concurrency: 1.5 }, /option "concurrency" "1.5"/],
  [{ queueBytes: 8 * MiB - 1 }, /option "queueBytes" "8388607": give a whole number from 8388608/],
  [{ leavePartsOnError: "yes" as never }, /option "leavePartsOnError" "yes": give true or false/],
  [{ partSize: null as never }, /option "partSize" null/],
] as const) {
  test(`transferSettings refuses ${JSON.stringify(options)}`, () => {
    assert.throws(() => transferSettings("upload", options), { message });
  });
}
