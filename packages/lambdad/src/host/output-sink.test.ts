import assert from "node:assert/strict";
import { closeSync, openSync } from "node:fs";
import { devNull } from "node:os";
import { test } from "node:test";
import { isSameFile } from "./output-sink.ts";

test("isSameFile() tells whether two descriptors lead to the same place", (t) => {
  const [one, same] = [openSync(devNull, "w"), openSync(devNull, "w")];
  const other = openSync(import.meta.filename, "r");
  t.after(() => [one, same].forEach(closeSync));
  assert.equal(isSameFile(one, same), true);
  assert.equal(isSameFile(one, other), false);
  closeSync(other);
  assert.equal(isSameFile(one, other), false);
});
