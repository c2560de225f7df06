import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { TreeHash } from "./tree-hash.ts";

const mib = 1024 * 1024;
const sha = (...data: Buffer[]): Buffer =>
  createHash("sha256").update(Buffer.concat(data)).digest();

test("TreeHash hashes nothing as no bytes", () => {
  assert.equal(new TreeHash().digest(), sha().toString("hex"));
});

test("TreeHash hashes pairs, and leaves an odd one for the next level", () => {
  const data = Buffer.alloc(3 * mib + 1, "xyz");
  const [a, b, c, d] = [0, 1, 2, 3].map((at) => sha(data.subarray(at * mib, (at + 1) * mib)));
  const tree = new TreeHash();
  tree.update(data);
  const expected = sha(sha(a as Buffer, b as Buffer), sha(c as Buffer, d as Buffer));
  assert.equal(tree.digest(), expected.toString("hex"));
  const three = new TreeHash();
  three.update(data.subarray(0, 3 * mib));
  const odd = sha(sha(a as Buffer, b as Buffer), c as Buffer);
  assert.equal(three.digest(), odd.toString("hex"));
});

test("TreeHash gives the same however the data is cut", () => {
  const data = Buffer.alloc(2 * mib + 77, "abc");
  const whole = new TreeHash();
  whole.update(data);
  const expected = whole.digest();
  const sizes = fc.array(fc.integer({ min: 1, max: 2 * mib }), { maxLength: 5 });
  fc.assert(
    fc.property(sizes, (pieces) => {
      const tree = new TreeHash();
      let at = 0;
      for (const size of pieces) tree.update(data.subarray(at, (at += size)));
      tree.update(data.subarray(at));
      assert.equal(tree.digest(), expected);
    }),
    { numRuns: 10 },
  );
});
