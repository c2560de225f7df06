import assert from "node:assert/strict";
import { test } from "node:test";
import { loadModel } from "../model/load-model.ts";
import type { OperationModel } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";
import { changedInput } from "./changed-input.ts";

const model = loadModel("s3").operation("GetObject") as OperationModel;

class Note {
  readonly Bucket = "notes";
  readonly Unknown = 1;
  readonly #name = "k";
  get Key(): string {
    return this.#name;
  }
  get Range(): null {
    return null;
  }
}

test("changedInput reads the getters of an instance, and leaves it as it is", () => {
  const note = new Note();
  const { Range, ...changed } = changedInput(model, note as unknown as Input, { IfMatch: "x" });
  const { Bucket, Key, IfMatch, Unknown } = changed as Record<string, unknown>;
  assert.deepEqual([Bucket, Key, IfMatch, Unknown, Range], ["notes", "k", "x", 1, undefined]);
  assert.equal(Object.hasOwn(note, "IfMatch"), false);
});

test("changedInput takes the members of a plain object, whatever its prototype", () => {
  for (const plain of [{ Key: "a" }, Object.assign(Object.create(null) as object, { Key: "a" })]) {
    assert.deepEqual(changedInput(model, plain as Input, { Key: "b", Range: "r" }), {
      Key: "b",
      Range: "r",
    });
  }
});
