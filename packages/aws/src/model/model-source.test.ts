import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { CompactModel } from "./compact-form.ts";
import { readModelFile } from "./load-model.ts";
import { ParsedSource, TextSource } from "./model-source.ts";
import { serviceNames } from "./service-names.ts";

describe("TextSource", () => {
  test("finds in every service's file what parsing all of it gives", () => {
    for (const name of serviceNames()) {
      const text = readModelFile(`${name}.json`);
      const compact = JSON.parse(text) as CompactModel;
      const source = new TextSource(text);
      assert.deepEqual(source.operationNames(), Object.keys(compact.operations), name);
      for (const part of [
        "metadata",
        "errors",
        "paginators",
        "waiters",
        "endpointRules",
      ] as const) {
        assert.deepEqual(source.part(part), compact[part], `${name}: ${part}`);
      }
      const operations = Object.keys(compact.operations);
      for (const operation of [operations[0] ?? "", operations.at(-1) ?? ""]) {
        assert.deepEqual(source.operation(operation), compact.operations[operation], name);
      }
      const shapes = Object.keys(compact.shapes);
      for (const shape of [
        shapes[0] ?? "",
        shapes[shapes.length >> 1] ?? "",
        shapes.at(-1) ?? "",
      ]) {
        assert.deepEqual(source.shape(shape), compact.shapes[shape], `${name}: ${shape}`);
      }
    }
  });

  test("has nothing by names that are none of its own", () => {
    const text = readModelFile("sqs.json");
    for (const source of [
      new TextSource(text),
      new ParsedSource(JSON.parse(text) as CompactModel),
    ]) {
      for (const name of ["", "nothing", "__proto__", "constructor", 'Send"Message', "metadata"]) {
        assert.equal(source.operation(name), undefined, name);
        assert.equal(source.shape(name), undefined, name);
      }
      // A shape is no operation, and the other way round.
      assert.equal(source.operation("SendMessageRequest"), undefined);
      assert.equal(source.shape("SendMessage"), undefined);
    }
  });
});
