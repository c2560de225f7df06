import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CompactModel, CompactShape } from "../model/compact-form.ts";
import { modelChanges } from "./model-changes.ts";

function model(
  operations: CompactModel["operations"],
  shapes: Record<string, CompactShape> = {},
): CompactModel {
  return { operations, shapes, errors: [], paginators: {}, waiters: {} } as unknown as CompactModel;
}

describe("modelChanges()", () => {
  test("says nothing when nothing changed, or only the indexes of errors", () => {
    const before = new Map([["s3", model({ Get: { e: [1] } }, { A: ["*B", 0] })]]);
    const after = new Map([["s3", model({ Get: { e: [2] } }, { A: ["*B", 0] })]]);
    assert.deepEqual(modelChanges(before, after), []);
  });

  test("names services, operations and members that come, go or change", () => {
    const before = new Map([
      ["old", model({})],
      [
        "s3",
        model({ Get: {}, Put: { u: "/a" } }, { A: [{ union: true }, "B", 0, "C", 0, { f: 1 }] }),
      ],
    ]);
    const after = new Map([
      ["new", model({})],
      ["s3", model({ Head: {}, Put: { u: "/b" } }, { A: ["*B", 0, "D", 0], L: { l: [0] } })],
    ]);
    assert.deepEqual(modelChanges(before, after), [
      "services added: 1: new",
      "services removed: 1: old",
      "operations added: 1: s3.Head",
      "operations removed: 1: s3.Get",
      "operations changed: 1: s3.Put",
      "members added: 2: s3.A.D, s3.L",
      "members removed: 2: s3.A, s3.A.C",
      "members changed: 1: s3.A.B",
    ]);
  });

  test("bounds the names that it lists", () => {
    const names = Array.from({ length: 30 }, (_, index): [string, CompactModel] => [
      `s${index}`,
      model({}),
    ]);
    const [line = ""] = modelChanges(new Map(), new Map(names));
    assert.match(line, /^services added: 30: s0, .*s19, … and 10 more$/);
  });
});
