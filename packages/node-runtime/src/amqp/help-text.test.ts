import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { defaultBrokerUri } from "@lambdad/invoke-amqp";
import { helpText } from "./help-text.ts";
import { optionGroups } from "./option-groups.ts";

const page = new URL("../../../../docs/reference/lambda-runtime.md", import.meta.url);

test("docs/reference/lambda-runtime.md shows the help as it is", () => {
  const [, shown] = /```text\n(.*?)```/s.exec(readFileSync(page, "utf8")) ?? [];
  assert.equal(shown, helpText());
});

test("helpText() names every option, and no line is too long for a terminal", () => {
  const text = helpText();
  for (const { flag, short } of optionGroups.flatMap(({ options }) => options)) {
    assert.ok(text.includes(`--${flag}`), flag);
    if (short !== undefined) assert.ok(text.includes(`-${short}, --${flag}`), short);
  }
  const longest = Math.max(...text.split("\n").map((line) => line.length));
  assert.ok(longest <= 100, `${longest}`);
});

test("helpText() names the default broker that is used", () => {
  assert.ok(helpText().includes(defaultBrokerUri));
});
