import assert from "node:assert/strict";
import { test } from "node:test";
import { fillPlaceholders, splitCommandLine } from "./command-line.ts";

const cases: readonly (readonly [text: string, words: readonly string[]])[] = [
  ["daemon", ["daemon"]],
  ["  daemon  --port 1 ", ["daemon", "--port", "1"]],
  [`daemon "a b" 'c "d"'`, ["daemon", "a b", 'c "d"']],
  [`daemon --x="a b"c`, ["daemon", "--x=a bc"]],
  ["daemon $HOME | cat", ["daemon", "$HOME", "|", "cat"]],
  [`daemon ""`, ["daemon", ""]],
];
for (const [text, words] of cases) {
  test(`splitCommandLine() splits ${text}`, () => assert.deepEqual(splitCommandLine(text), words));
}

for (const text of ["", "  ", `daemon "a`, "daemon it's"]) {
  test(`splitCommandLine() refuses '${text}'`, () => {
    assert.throws(() => splitCommandLine(text), TypeError);
  });
}

test("fillPlaceholders() fills whole words with words, and parts of words with text", () => {
  const values = { runtime: ["node", "a.js"], port: ["80"] };
  assert.deepEqual(
    fillPlaceholders(["x", "--port={port}", "{runtime}", "--run={runtime}", "{other}"], values),
    ["x", "--port=80", "node", "a.js", "--run=node a.js", "{other}"],
  );
});
