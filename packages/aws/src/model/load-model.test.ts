import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { keepModel, keepModelFile, loadModel, readModelFile } from "./load-model.ts";

describe("loadModel()", () => {
  test("reads a model once", () => assert.equal(loadModel("sts"), loadModel("sts")));

  test("says what to do when the file is not there", () => {
    assert.throws(() => loadModel("no-such-service"), /no-such-service\.json.*@lambdad\/aws\//);
  });

  test("takes a model that a bundle has", () => {
    const compact = {
      metadata: { apiVersion: "1" },
      operations: { A: {} },
      errors: [],
      shapes: {},
    };
    const model = keepModel("of-a-bundle", compact);
    assert.equal(loadModel("of-a-bundle"), model);
    assert.equal(keepModel("of-a-bundle", compact), model);
    assert.deepEqual(model.operationNames, ["A"]);
  });
});

describe("readModelFile()", () => {
  test("gives the content that a bundle has", () => {
    keepModelFile("of-a-bundle.json", { a: 1 });
    assert.equal(readModelFile("of-a-bundle.json"), '{"a":1}');
  });

  test("reads the partitions", () => {
    const { partitions } = JSON.parse(readModelFile("partitions.json")) as {
      partitions: { id: string }[];
    };
    assert.ok(partitions.some(({ id }) => id === "aws-eusc"));
  });
});
