import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { splitCommand } from "./split-command.ts";

const POSIX: readonly (readonly [string, readonly string[] | undefined])[] = [
  ["", []],
  ["  a  b\tc ", ["a", "b", "c"]],
  [`a "b c" 'd e'`, ["a", "b c", "d e"]],
  [`a "" ''`, ["a", "", ""]],
  [`a\\ b`, ["a b"]],
  [`"a \\" \\\\ \\n"`, [`a " \\ \\n`]],
  [`'a \\ b'`, ["a \\ b"]],
  [`--x="y z"w`, ["--x=y zw"]],
  [`$HOME *`, ["$HOME", "*"]],
  [`"a`, undefined],
  [`'a`, undefined],
];
for (const [line, parts] of POSIX) {
  test(`splitCommand() of ${line}`, () => assert.deepEqual(splitCommand(line), parts));
}

test("splitCommand() keeps backslashes and single quotes on Windows", () => {
  const line = `"C:\\Program Files\\x.exe" it's a\\"b`;
  assert.deepEqual(splitCommand(line, true), ["C:\\Program Files\\x.exe", "it's", 'a"b']);
});

test("splitCommand() gives back any words that were quoted", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const line = words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
      assert.deepEqual(splitCommand(line), words);
    }),
  );
});
