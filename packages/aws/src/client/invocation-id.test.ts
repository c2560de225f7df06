import assert from "node:assert/strict";
import { test } from "node:test";
import { newInvocationId } from "./invocation-id.ts";

test("newInvocationId() gives version 4 UUIDs, each once", () => {
  const ids = new Set<string>();
  for (let i = 0; i < 200_000; i++) {
    const id = newInvocationId();
    if (i % 1000 === 0) {
      assert.match(id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    }
    ids.add(id);
  }
  assert.equal(ids.size, 200_000);
});
