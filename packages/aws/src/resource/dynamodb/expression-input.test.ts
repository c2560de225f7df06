import assert from "node:assert/strict";
import { test } from "node:test";
import { Attr, Key } from "./condition.ts";
import { expressionInput } from "./expression-input.ts";

test("expressionInput() gives an input without objects back as it is", () => {
  const input = { TableName: "t", ConditionExpression: "a = :a", ProjectionExpression: undefined };
  assert.equal(expressionInput(input), input);
});

test("expressionInput() numbers placeholders over all expressions of a request", () => {
  const input = Object.freeze({
    TableName: "t",
    KeyConditionExpression: Key("pk").eq("x").and(Key("sk").gt(1)),
    FilterExpression: Attr("pk.name").ne("y"),
    ProjectionExpression: ["sk", "list[0]", ["a.b"]],
  });
  assert.deepEqual(expressionInput(input), {
    TableName: "t",
    KeyConditionExpression: "#n0 = :v0 AND #n1 > :v1",
    FilterExpression: "#n0.#n2 <> :v2",
    ProjectionExpression: "#n1, #n3[0], #n4",
    ExpressionAttributeNames: {
      "#n0": "pk",
      "#n1": "sk",
      "#n2": "name",
      "#n3": "list",
      "#n4": "a.b",
    },
    ExpressionAttributeValues: { ":v0": "x", ":v1": 1, ":v2": "y" },
  });
});

test("expressionInput() gives no maps of values that would be empty", () => {
  const compiled = expressionInput({ ConditionExpression: Attr("a").exists() });
  assert.deepEqual(compiled, {
    ConditionExpression: "attribute_exists(#n0)",
    ExpressionAttributeNames: { "#n0": "a" },
  });
});

test("expressionInput() keeps the caller's placeholders, and leaves the input as it is", () => {
  const names = Object.freeze({ "#s": "status" });
  const values = Object.freeze({ ":s": "new" });
  const input = Object.freeze({
    UpdateExpression: "SET #s = :s",
    ConditionExpression: Attr("status").eq("old"),
    ExpressionAttributeNames: names,
    ExpressionAttributeValues: values,
  });
  assert.deepEqual(expressionInput(input), {
    UpdateExpression: "SET #s = :s",
    ConditionExpression: "#n0 = :v0",
    ExpressionAttributeNames: { "#s": "status", "#n0": "status" },
    ExpressionAttributeValues: { ":s": "new", ":v0": "old" },
  });
});

test("expressionInput() can be given the same condition any number of times", () => {
  const condition = Attr("a").eq(1).and(Attr("b").exists());
  const once = expressionInput({ ConditionExpression: condition });
  assert.deepEqual(expressionInput({ ConditionExpression: condition }), once);
});

test("expressionInput() refuses placeholders that clash", () => {
  const ConditionExpression = Attr("a").eq(1);
  assert.throws(
    () => expressionInput({ ConditionExpression, ExpressionAttributeNames: { "#n0": "x" } }),
    { name: "TypeError", message: /"#n0" in ExpressionAttributeNames/ },
  );
  assert.throws(
    () => expressionInput({ ConditionExpression, ExpressionAttributeValues: { ":v0": 1 } }),
    { name: "TypeError", message: /":v0" in ExpressionAttributeValues/ },
  );
});

test("expressionInput() takes only Key in key conditions", () => {
  for (const KeyConditionExpression of [
    Attr("a").eq(1),
    Key("a").eq(1).and(Attr("b").eq(1)),
    Key("a").eq(1).or(Key("b").eq(1)),
  ]) {
    assert.throws(() => expressionInput({ KeyConditionExpression }), {
      name: "TypeError",
      message: /^Cannot use KeyConditionExpression: it takes conditions made with Key/,
    });
  }
});

test("expressionInput() refuses objects that are no expressions", () => {
  assert.throws(() => expressionInput({ FilterExpression: { a: 1 } }), {
    name: "TypeError",
    message: /^Cannot use FilterExpression: it must be text, or a condition/,
  });
  for (const ProjectionExpression of [[], { a: 1 }]) {
    assert.throws(() => expressionInput({ ProjectionExpression }), {
      name: "TypeError",
      message: /^Cannot use ProjectionExpression: it must be text, or a list of paths/,
    });
  }
});
