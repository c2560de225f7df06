import assert from "node:assert/strict";
import { test } from "node:test";
import { failedCondition, quotedEtag, type ReadConditions } from "./read-conditions.ts";

const modified = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const object = { etag: '"e1"', modified };
const before = new Date(modified - 2000);
const same = new Date(Math.floor(modified / 1000) * 1000);
const after = new Date(modified + 2000);

const cases: readonly (readonly [ReadConditions, string | undefined])[] = [
  [{}, undefined],
  [{ ifMatch: '"e1"' }, undefined],
  [{ ifMatch: "e1" }, undefined],
  [{ ifMatch: "*" }, undefined],
  [{ ifMatch: '"e0", "e1"' }, undefined],
  [{ ifMatch: '"e0"' }, "If-Match"],
  [{ ifNoneMatch: '"e1"' }, "not-modified"],
  [{ ifNoneMatch: 'W/"e1"' }, "not-modified"],
  [{ ifNoneMatch: "*" }, "not-modified"],
  [{ ifNoneMatch: '"e0"' }, undefined],
  [{ ifModifiedSince: before }, undefined],
  [{ ifModifiedSince: same }, "not-modified"],
  [{ ifModifiedSince: after }, "not-modified"],
  [{ ifUnmodifiedSince: before }, "If-Unmodified-Since"],
  [{ ifUnmodifiedSince: same }, undefined],
  [{ ifUnmodifiedSince: after }, undefined],
  [{ ifMatch: '"e1"', ifUnmodifiedSince: before }, undefined],
  [{ ifMatch: '"e0"', ifUnmodifiedSince: after }, "If-Match"],
  [{ ifNoneMatch: '"e0"', ifModifiedSince: after }, undefined],
  [{ ifNoneMatch: '"e1"', ifModifiedSince: before }, "not-modified"],
];

for (const [conditions, expected] of cases) {
  test(`failedCondition() with ${JSON.stringify(conditions)} is ${expected ?? "nothing"}`, () => {
    const failure = failedCondition(object, conditions);
    assert.equal(failure?.kind === "failed" ? failure.condition : failure?.kind, expected);
  });
}

test("failedCondition() takes an object without a time for a new one", () => {
  const foreign = { etag: '"e1"', modified: undefined };
  assert.equal(failedCondition(foreign, { ifModifiedSince: after }), undefined);
  assert.equal(failedCondition(foreign, { ifUnmodifiedSince: after })?.kind, "failed");
});

test("quotedEtag() adds quotes and takes the mark of a weak one away", () => {
  assert.deepEqual(["e", '"e"', 'W/"e"'].map(quotedEtag), ['"e"', '"e"', '"e"']);
});
