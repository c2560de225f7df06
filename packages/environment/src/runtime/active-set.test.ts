import assert from "node:assert/strict";
import { test } from "node:test";
import type { ActiveInvocation } from "./active-invocation.ts";
import { ActiveSet } from "./active-set.ts";

/** A set looks at nothing but the id. */
function invocation(requestId: string): ActiveInvocation {
  return { requestId } as ActiveInvocation;
}

test("ActiveSet finds, counts and forgets one invocation", () => {
  const set = new ActiveSet();
  const one = invocation("1");
  set.add(one);
  set.add(one);
  assert.equal(set.size, 1);
  assert.equal(set.sole, one);
  assert.equal(set.get("1"), one);
  assert.equal(set.get("2"), undefined);
  set.delete(one);
  assert.equal(set.size, 0);
  assert.equal(set.sole, undefined);
});

test("ActiveSet keeps several apart, whatever the order they leave in", () => {
  const set = new ActiveSet();
  const [one, two, three] = [invocation("1"), invocation("2"), invocation("3")];
  for (const each of [one, two, three]) set.add(each);
  assert.equal(set.sole, undefined);
  assert.deepEqual([...set], [one, two, three]);
  set.delete(one);
  assert.equal(set.get("2"), two);
  set.delete(three);
  assert.equal(set.sole, two);
  set.add(one);
  assert.equal(set.size, 2);
  set.delete(two);
  assert.equal(set.sole, one);
});
