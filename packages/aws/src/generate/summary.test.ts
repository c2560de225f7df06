import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { summary } from "./summary.ts";

describe("summary()", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, ""],
    ["<p></p>", ""],
    ["<p>Gets a thing. Gets another.</p>", "Gets a thing."],
    ["<p>Gets <code>a</code> <i>thing</i></p><p>More.</p>", "Gets a thing More."],
    ["<fullname>Thing</fullname> <p>Is e.g. this &amp; that. It is.</p>", "Is e.g. this & that."],
    ["<p>For a*/b.</p>", "For a* /b."],
  ];
  for (const [documentation, expected] of cases) {
    test(JSON.stringify(documentation ?? null), () => {
      assert.equal(summary(documentation), expected);
    });
  }

  test("ends a long sentence between words", () => {
    const text = summary(`<p>${"word ".repeat(100)}</p>`);
    assert.ok(text.length <= 160);
    assert.match(text, /word …$/);
  });
});
