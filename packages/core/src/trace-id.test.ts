import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTraceId, newTraceId } from "./trace-id.ts";

describe("newTraceId()", () => {
  test("has X-Ray's form, with the time in seconds", () => {
    const header = newTraceId(Date.UTC(2026, 0, 1) + 999);
    assert.match(header, /^Root=1-6955b900-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$/);
    assert.match(newTraceId(1_000), /^Root=1-00000001-/);
    assert.ok(isTraceId(header));
  });

  test("never repeats a random part", () => {
    const headers = Array.from({ length: 2_000 }, () => newTraceId(0));
    const traces = headers.map((header) => header.slice(16, 40));
    const parents = headers.map((header) => header.slice(48, 64));
    assert.equal(new Set(traces).size, headers.length);
    assert.equal(new Set(parents).size, headers.length);
  });
});

describe("isTraceId()", () => {
  const table: readonly (readonly [string, boolean])[] = [
    ["Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1", true],
    ["Sampled=0;Root=1-5759e988-bd862e3fe1be46a994272793;Lineage=1:a:2|b:3", true],
    ["Parent=53995c3f42cd8ad8", false],
    ["", false],
    ["Root=1\r\nx: y", false],
    ["Root=\u00e9", false],
    [`Root=${"1".repeat(1_019)}`, true],
    [`Root=${"1".repeat(1_020)}`, false],
  ];
  for (const [value, passable] of table) {
    test(`${passable ? "passes" : "drops"} ${JSON.stringify(value.slice(0, 40))} (HT-9)`, () => {
      assert.equal(isTraceId(value), passable);
    });
  }
});
