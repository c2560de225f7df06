import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { outdatedNode, refusedNode } from "./node-version.ts";

const cases = [
  ["20.20.2", "refused"],
  ["22.17.9", "refused"],
  ["22.18.0", "outdated"],
  ["22.22.1", "outdated"],
  ["22.22.2", "good"],
  ["22.23.0", "good"],
  ["23.11.0", "outdated"],
  ["24.0.0", "outdated"],
  ["24.14.1", "good"],
  ["24.21.0", "good"],
  ["25.0.0", "good"],
  ["26.1.0-nightly2026", "good"],
] as const;

describe("refusedNode() and outdatedNode()", () => {
  for (const [version, expected] of cases) {
    test(`${version} is ${expected}`, () => {
      assert.equal(refusedNode(version) !== undefined, expected === "refused");
      if (expected === "refused") return;
      assert.equal(outdatedNode(version) !== undefined, expected === "outdated");
    });
  }
});
