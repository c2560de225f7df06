import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSoakOptions } from "./soak-options.ts";

const soak = { defaults: { calls: 5 }, choices: { runtime: ["go", "raw"] } };

test("parseSoakOptions() gives what was said, else the defaults", () => {
  const given = parseSoakOptions(soak, ["--calls=7", "--runtime", "raw"]);
  assert.deepEqual([given.number("calls"), given.choice("runtime")], [7, "raw"]);
  const defaults = parseSoakOptions(soak, []);
  assert.deepEqual([defaults.number("calls"), defaults.choice("runtime")], [5, "go"]);
});

for (const [args, error] of [
  [["--calls=0"], RangeError],
  [["--calls=1.5"], RangeError],
  [["--calls=x"], RangeError],
  [["--runtime=java"], RangeError],
  [["--other=1"], TypeError],
  [["word"], TypeError],
] as const) {
  test(`parseSoakOptions() refuses ${args.join(" ")}`, () => {
    assert.throws(() => parseSoakOptions(soak, args), error);
  });
}
