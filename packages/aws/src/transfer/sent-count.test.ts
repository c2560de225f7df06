import assert from "node:assert/strict";
import { test } from "node:test";
import { CountedSource } from "../request-body/counted-source.ts";
import { ProgressCount } from "./progress-count.ts";
import { SentCount } from "./sent-count.ts";

for (const [size, isOnItsWay] of [
  [1000, true],
  [1_000_000, false],
] as const) {
  test(`SentCount of ${size} bytes does not say that they are sent before they are given to a call`, async () => {
    const progress = new ProgressCount("k", () => {});
    const count = new SentCount(progress, size, 1);
    assert.equal(count.isSent, false);
    const body = count.body(Buffer.alloc(size));
    assert.equal(count.isSent, isOnItsWay);
    if (body instanceof CountedSource) {
      for await (const piece of body.send()) assert.ok(piece.length > 0);
    }
    assert.equal(count.isSent, true);
    count.finish();
    assert.equal(progress.loaded, size);
  });
}
