import assert from "node:assert/strict";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { loadModel } from "./load-model.ts";
import type { OperationModel, ServiceModel, Shape } from "./model.ts";
import { serviceNames } from "./service-names.ts";

const folder = join(import.meta.dirname, "..", "..", "models");
const names = serviceNames();

/** Every shape that an operation refers to, each once. */
function shapesOf(operation: OperationModel): ReadonlySet<Shape> {
  const seen = new Set<Shape>();
  const wanted: (Shape | undefined)[] = [operation.input, operation.output, ...operation.errors];
  for (const shape of wanted) {
    if (shape === undefined || seen.has(shape)) continue;
    seen.add(shape);
    if (shape.kind === "structure") wanted.push(...shape.members.map((member) => member.shape));
    if (shape.kind === "list") wanted.push(shape.member.shape);
    if (shape.kind === "map") wanted.push(shape.key.shape, shape.value.shape);
  }
  return seen;
}

/** Bytes of a model's file. */
function sizeOf(name: string): number {
  return statSync(join(folder, `${name}.json`)).size;
}

/** The shape at an expression of a paginator: names with dots, `[-1]`, alternatives. */
function shapeAt(root: Shape | undefined, expression: string): Shape | undefined {
  let shape = root;
  for (const step of expression.split("||")[0]?.trim().split(".") ?? []) {
    const name = step.replace("[-1]", "");
    if (shape?.kind !== "structure") return undefined;
    shape = shape.members.find((member) => member.name === name)?.shape;
    if (step.endsWith("[-1]")) shape = shape?.kind === "list" ? shape.member.shape : undefined;
  }
  return shape;
}

function paginatorProblems(model: ServiceModel): readonly string[] {
  return Object.entries(model.paginators).flatMap(([name, paginator]) => {
    const operation = model.operation(name);
    const { inputTokens, outputTokens, resultKeys, limitKey, moreResults } = paginator;
    const inputs = [...inputTokens, limitKey].filter((key) => key !== undefined);
    const outputs = [...outputTokens, ...resultKeys, moreResults].filter(
      (key) => key !== undefined,
    );
    return [
      ...inputs.filter((key) => shapeAt(operation?.input, key) === undefined),
      ...outputs.filter((key) => shapeAt(operation?.output, key) === undefined),
    ].map((key) => `${model.name}.${name}: "${key}"`);
  });
}

describe("every model", () => {
  test("has its file, and every file its name", () => {
    const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
    const others = new Set(["botocore.lock.json", "partitions.json", "regions.json"]);
    const models = files.filter((file) => !others.has(file)).map((file) => file.slice(0, -5));
    assert.deepEqual(models.sort(), [...names].sort());
  });

  test("resolves the shapes of every operation", () => {
    let operations = 0;
    for (const name of names) {
      const model = loadModel(name);
      for (const operation of model.operationNames.map((each) => model.operation(each))) {
        assert.ok(operation, name);
        operations += 1;
        for (const shape of shapesOf(operation)) assert.equal(typeof shape.kind, "string");
      }
    }
    assert.ok(names.length > 430, `${names.length} services`);
    assert.ok(operations > 19_000, `${operations} operations`);
  });

  test("knows its protocols and its endpoint rules", () => {
    const known = new Set("json rest-json rest-xml query ec2 smithy-rpc-v2-cbor".split(" "));
    for (const name of names) {
      const { metadata, endpointRules } = loadModel(name);
      assert.ok(metadata.protocols.length > 0, name);
      for (const protocol of metadata.protocols) assert.ok(known.has(protocol), protocol);
      assert.notEqual(metadata.serviceId, "", name);
      assert.notEqual(metadata.signingName, "", name);
      assert.equal(typeof (endpointRules as { rules: unknown }).rules, "object", name);
    }
  });

  test("gives every error a side that is at fault", () => {
    let errors = 0;
    for (const name of names) {
      for (const [key, shape] of loadModel(name).errors) {
        assert.equal(shape.name, key);
        assert.match(shape.error?.fault ?? "", /^(?:client|server)$/, `${name}.${key}`);
        errors += 1;
      }
    }
    assert.ok(errors > 5000, `${errors} errors`);
  });

  test("has paginators whose expressions lead to members", () => {
    const paginators = names.map((name) => Object.keys(loadModel(name).paginators).length);
    assert.ok(paginators.reduce((a, b) => a + b) > 3000);
    assert.deepEqual(
      names.flatMap((name) => paginatorProblems(loadModel(name))),
      [],
    );
  });

  test("has waiters whose operations exist", () => {
    let waiters = 0;
    for (const name of names) {
      const model = loadModel(name);
      for (const [waiter, { operation, acceptors, delay }] of Object.entries(model.waiters)) {
        assert.ok(model.operation(operation), `${name}.${waiter}: ${operation}`);
        assert.ok(acceptors.length > 0 && delay > 0, `${name}.${waiter}`);
        waiters += 1;
      }
    }
    assert.ok(waiters > 300, `${waiters} waiters`);
  });

  test("is small", () => {
    assert.ok(sizeOf("s3") < 250_000);
    assert.ok(sizeOf("ec2") < 800_000);
    assert.ok(names.map(sizeOf).reduce((a, b) => a + b) < 20_000_000);
  });
});
