import assert from "node:assert/strict";
import { test } from "node:test";
import { withoutAgents } from "./leave-agents.ts";

for (const [options, rest] of [
  ["", undefined],
  ["--enable-source-maps", undefined],
  ["--trace-require-x --conditions=--import", undefined],
  ["--require ./a.cjs", ""],
  ["-r ./a.cjs", ""],
  ["--import=./a.mjs", ""],
  ["--require  a --enable-source-maps --import b", "--enable-source-maps"],
  ['--stack-trace-limit=7 --require "/a b/c\\"d.cjs"', "--stack-trace-limit=7"],
  ['--import="/a b.mjs" --no-warnings', "--no-warnings"],
  ["--experimental-loader x --loader=y", ""],
] as const) {
  test(`withoutAgents() of '${options}'`, () => {
    assert.equal(withoutAgents(options), rest);
  });
}
