import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { changelogEntry, changesetBody, withEntry } from "./changelog-entry.ts";

describe("changesetBody()", () => {
  test("is the text below the front matter", () => {
    const text = '---\n"lambdad": minor\n---\n\nFeatures: A thing.\n';
    assert.equal(changesetBody("a.md", text), "Features: A thing.");
  });

  test("refuses a text without a group", () => {
    assert.throws(() => changesetBody("a.md", '---\n"lambdad": minor\n---\n\nA thing.\n'), {
      name: "TypeError",
      message: /^Cannot read changeset 'a\.md'/,
    });
  });
});

describe("changelogEntry()", () => {
  test("has the groups in their order, and none that is empty", () => {
    const bodies = ["Internals: c.", "Safety and performance: a\n  and more.", "Internals: d."];
    assert.equal(
      changelogEntry("1.2.3", "2026-11-21", bodies),
      "## 1.2.3 (2026-11-21)\n\n### Safety and performance\n\n- a and more.\n\n### Internals\n\n- c.\n- d.\n",
    );
  });
});

describe("withEntry()", () => {
  test("puts the entry above the others", () => {
    const text = withEntry(
      "# Changelog\n\n## 1.0.0 (x)\n\nold\n",
      "1.1.0",
      "## 1.1.0 (y)\n\nnew\n",
    );
    assert.equal(text, "# Changelog\n\n## 1.1.0 (y)\n\nnew\n\n## 1.0.0 (x)\n\nold\n");
  });

  test("starts an empty changelog", () => {
    assert.equal(
      withEntry("# Changelog\n", "1.0.0", "## 1.0.0 (x)\n"),
      "# Changelog\n\n## 1.0.0 (x)\n",
    );
  });

  test("refuses a version twice", () => {
    assert.throws(() => withEntry("# Changelog\n\n## 1.0.0 (x)\n", "1.0.0", "## 1.0.0 (y)\n"));
  });
});
