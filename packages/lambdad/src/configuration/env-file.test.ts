import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { ConfigError } from "./config-error.ts";
import { parseEnvFile } from "./env-file.ts";

describe("parseEnvFile()", () => {
  for (const [name, text, variables] of [
    ["plain values", "A=1\nB_2=x y", { A: "1", B_2: "x y" }],
    ["the three line ends, and none at the end", "A=1\r\nB=2\rC=3", { A: "1", B: "2", C: "3" }],
    [
      "empty lines and comments",
      "\n# A=1\n  # x\nB=2 # two\nC=3#4\nD=#",
      { B: "2", C: "3#4", D: "" },
    ],
    ["white space around names and values", "  A = 1  \n\tB=\t2", { A: "1", B: "2" }],
    ["export", "export A=1\nexport   B='2'", { A: "1", B: "2" }],
    ["a value with =", "URL=http://h/?a=b", { URL: "http://h/?a=b" }],
    ["an empty value", "A=\nB=''\nC=\"\"", { A: "", B: "", C: "" }],
    ["the last of two", "A=1\nA=2", { A: "2" }],
    ["quotes that keep # and spaces", `A=" x # y "\nB=' z '`, { A: " x # y ", B: " z " }],
    ["a comment after a quoted value", `A="x" # y`, { A: "x" }],
    ["escapes in double quotes", String.raw`A="a\n\t\"\\\$\x"`, { A: 'a\n\t"\\$\\x' }],
    ["no escapes in single quotes", String.raw`A='a\n'`, { A: String.raw`a\n` }],
    ["backquotes", 'A=`it\'s "x"`', { A: `it's "x"` }],
    [
      "values over several lines",
      "A=\"1\n\n2\"\nB='3\n4'\nC=5",
      { A: "1\n\n2", B: "3\n4", C: "5" },
    ],
    ["nothing expanded", 'A=$B ${C}\nD="$A"', { A: "$B ${C}", D: "$A" }],
    ["a byte order mark", "\uFEFFA=1", { A: "1" }],
    ["a name such as __proto__", "__proto__=1", JSON.parse('{"__proto__":"1"}')],
    ["nothing", "", {}],
  ] as const) {
    test(`reads ${name}`, () => {
      assert.deepEqual(parseEnvFile(text, ".env"), variables);
    });
  }

  test("reports every bad line with its number, and no value", () => {
    const text = "A=1\nsecret\n2X=secret\nB='x' secret\nC=\"secret\nD=4";
    assert.throws(
      () => parseEnvFile(text, "dev.env"),
      (error: unknown) => {
        assert.ok(error instanceof ConfigError);
        assert.deepEqual(error.problems, [
          "dev.env:2: has no '=' and no value",
          "dev.env:3: must start with NAME=, letters, digits and '_'",
          "dev.env:4: the value of 'B' is followed by more text after its closing quote",
          "dev.env:5: the value of 'C' has no closing \"",
        ]);
        return true;
      },
    );
  });

  test("never throws anything but a ConfigError", () => {
    const line = fc.oneof(
      fc.string(),
      fc.constantFrom("A=", "B='", '"', "\\", "\n", "#", "export "),
    );
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        try {
          parseEnvFile(lines.join(""), "f");
        } catch (error) {
          assert.ok(error instanceof ConfigError);
        }
      }),
    );
  });

  test("reads back any value in double quotes", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (value) => {
        const normal = value.replaceAll(/\r\n?/g, "\n");
        const text = `A="${normal.replaceAll(/["\\$]/g, String.raw`\$&`)}"`;
        assert.deepEqual(parseEnvFile(text, "f"), { A: normal });
      }),
    );
  });
});
