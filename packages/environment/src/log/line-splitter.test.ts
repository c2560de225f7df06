import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { LineSplitter } from "./line-splitter.ts";

function split(pieces: readonly string[], bytesMax = 1000): { lines: string[]; dropped: number } {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line.toString("latin1")), bytesMax);
  for (const piece of pieces) splitter.push(Buffer.from(piece, "latin1"));
  splitter.end();
  return { lines, dropped: splitter.droppedBytes };
}

describe("LineSplitter", () => {
  test("gives whole lines, and the last one a newline", () => {
    assert.deepEqual(split(["a\nb", "c\n\n", "d"]).lines, ["a\n", "bc\n", "\n", "d\n"]);
  });

  test("cuts a line at the limit and drops the rest of it (RT-21)", () => {
    const { lines, dropped } = split(["0123", "456789", "abc\nnext\n"], 8);
    assert.deepEqual(lines, ["01234567 [line cut]\n", "next\n"]);
    assert.equal(dropped, 6);
  });

  test("keeps at most one line of a flood without newlines (INV-8)", () => {
    const piece = "x".repeat(65_536);
    const { lines } = split(
      Array.from({ length: 64 }, () => piece),
      262_144,
    );
    assert.equal(lines.length, 1);
    assert.equal(lines[0]?.length, 262_144 + " [line cut]\n".length);
  });

  test("holds a line that comes byte by byte in few pieces (INV-8)", () => {
    const { lines } = split(
      Array.from({ length: 2_000 }, () => "."),
      1_500,
    );
    assert.deepEqual(lines, [`${".".repeat(1_500)} [line cut]\n`]);
  });

  test("does not depend on how the bytes were cut", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", "\n", "\0", "\u00ff") }),
        fc.array(fc.nat(20)),
        (text, cuts) => {
          const pieces: string[] = [];
          let rest = text;
          for (const cut of cuts) {
            pieces.push(rest.slice(0, cut));
            rest = rest.slice(cut);
          }
          assert.deepEqual(split([...pieces, rest], 5), split([text], 5));
        },
      ),
    );
  });
});
