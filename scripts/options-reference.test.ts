import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { renderOptionsReference } from "./render-options-reference.ts";
import { root } from "./repository.ts";

/** The formatter pads tables: compare the words. */
function words(text: string): string {
  return text.replaceAll(/-{3,}/g, "---").replaceAll(/\s+/g, " ");
}

test("docs/reference/options.md says what the options are: else run scripts/options-reference.ts", () => {
  const page = readFileSync(join(root, "docs", "reference", "options.md"), "utf8");
  assert.equal(words(page), words(renderOptionsReference()));
});
