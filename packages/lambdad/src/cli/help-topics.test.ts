import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nameOf } from "../configuration/option-rule.ts";
import { range } from "../configuration/read-value.ts";
import { commandGroups, type CommandName, helpOf } from "./help-topics.ts";

const commands: readonly CommandName[] = ["daemon", "run", "server", "invoke", "bench"];

/** The help without its line breaks, so that wrapping does not matter. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

function assertHas(text: string, part: string): void {
  assert.ok(text.includes(part), `'${part}' in '${text}'`);
}

for (const command of commands) {
  describe(`the help of ${command}`, () => {
    const text = helpOf(command);
    const flatText = flat(text);

    for (const rule of commandGroups[command].flatMap((group) => Object.values(group.options))) {
      test(`has ${nameOf(rule)} with its variables, range, unit and default`, () => {
        const unit = rule.unit === undefined ? "" : ` ${rule.unit}`;
        const start = flatText.indexOf(` ${nameOf(rule)} `);
        assert.notEqual(start, -1);
        const helpEnd = flatText.indexOf(flat(rule.help), start) + flat(rule.help).length;
        const entryEnd = flatText.indexOf("]", helpEnd);
        const entry = flatText.slice(start, entryEnd < 0 ? undefined : entryEnd + 1);
        assertHas(entry, flat(rule.help));
        for (const variable of rule.variables) assertHas(entry, variable);
        if (rule.type === "integer" || rule.type === "seconds") {
          assertHas(entry, range(rule) + unit);
        }
        if (rule.type !== "boolean" && rule.default !== undefined) {
          assertHas(entry, `default: ${rule.default}${unit}`);
        }
        if (rule.defaultText !== undefined) assertHas(entry, rule.defaultText);
      });
    }

    test("fits into 100 columns and ends with a newline", () => {
      const wide = text.split("\n").filter((line) => line.length > 100);
      assert.deepEqual(wide, []);
      assert.ok(text.endsWith("\n") && !text.endsWith("\n\n"));
    });
  });
}

describe("the options", () => {
  for (const rule of Object.values(commandGroups)
    .flat()
    .flatMap((group) => Object.values(group.options))) {
    test(`${nameOf(rule)}: every wait has a unit, every number a range`, () => {
      if (rule.type === "seconds") assert.equal(rule.unit, "s");
      if (rule.type === "seconds" || rule.type === "integer") {
        assert.ok(rule.min !== undefined && rule.max !== undefined && rule.min < rule.max);
      }
      assert.equal(rule.placeholder === undefined, rule.type === "boolean");
      assert.match(rule.help, /\.$/);
    });
  }

  for (const command of commands) {
    test(`of ${command} have different flags`, () => {
      const flags = commandGroups[command].flatMap(({ options }) =>
        Object.values(options).map(nameOf),
      );
      assert.equal(new Set(flags).size, flags.length);
    });
  }
});
