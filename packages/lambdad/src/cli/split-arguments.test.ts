import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { commandGroups } from "./help-topics.ts";
import { firstWordIndex, rulesByFlag, splitArguments } from "./split-arguments.ts";

const rules = rulesByFlag(commandGroups.run);

describe("splitArguments()", () => {
  test("never throws, and loses no word, whatever is typed", () => {
    const argument = fc.oneof(
      fc.string(),
      fc.constantFrom("--", "-", "-h", "--port", "--port=", "--watch", "--=x", "---", "run"),
    );
    fc.assert(
      fc.property(fc.array(argument), fc.boolean(), (argv, optionsAnywhere) => {
        const { flags, words } = splitArguments(argv, rules, [], { optionsAnywhere });
        for (const word of words) assert.ok(argv.includes(word));
        for (const flag of flags.keys()) assert.ok(rules.has(flag));
      }),
    );
  });

  test("never takes a word of the command for an option", () => {
    fc.assert(
      fc.property(fc.array(fc.string()), (rest) => {
        const problems: string[] = [];
        const argv = ["--port", "1", "command", ...rest];
        const { words } = splitArguments(argv, rules, problems, { optionsAnywhere: false });
        assert.deepEqual(words, ["command", ...rest]);
        assert.deepEqual(problems, []);
      }),
    );
  });

  test("keeps every text of a repeated option, in order", () => {
    const argv = ["--env-file", "a", "--env-file=b=c", "--env-file="];
    const { flags } = splitArguments(argv, rules, [], { optionsAnywhere: true });
    assert.deepEqual(flags.get("env-file"), ["a", "b=c", ""]);
  });

  test("a boolean takes no word, only =", () => {
    const problems: string[] = [];
    const argv = ["--watch", "false", "--metrics=false"];
    const { flags, words } = splitArguments(argv, rules, problems, { optionsAnywhere: true });
    assert.deepEqual(flags.get("watch"), ["true"]);
    assert.deepEqual(flags.get("metrics"), ["false"]);
    assert.deepEqual(words, ["false"]);
  });
});

describe("firstWordIndex()", () => {
  for (const [argv, index] of [
    [[], -1],
    [["run"], 0],
    [["--port", "run", "run"], 2],
    [["--port=1", "run"], 1],
    [["--metrics", "run"], 1],
    [["--", "run"], -1],
    [["-"], 0],
  ] as const) {
    test(`of '${argv.join(" ")}' is ${index}`, () => {
      assert.equal(firstWordIndex(argv, rules), index);
    });
  }
});
