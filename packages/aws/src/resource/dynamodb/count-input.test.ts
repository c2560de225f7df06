import assert from "node:assert/strict";
import { test } from "node:test";
import { Attr } from "./condition.ts";
import { countInput } from "./count-input.ts";

const names = { "#a": "a", "#ab": "ab", "#b": "b" };

const inputs: readonly (readonly [string, object, object])[] = [
  ["an input without a projection", { TableName: "t", Limit: 3 }, { TableName: "t", Limit: 3 }],
  [
    "names that only a list of paths is beside",
    {
      ProjectionExpression: ["x"],
      FilterExpression: "#a = #ab AND #b = #a",
      ExpressionAttributeNames: names,
    },
    { FilterExpression: "#a = #ab AND #b = #a", ExpressionAttributeNames: names },
  ],
  [
    "a projection with all of the names",
    { ProjectionExpression: "#a, #ab.#b", ExpressionAttributeNames: names },
    {},
  ],
  [
    "names that another expression uses",
    {
      ProjectionExpression: "#a, #ab, #b",
      KeyConditionExpression: "#ab = :x",
      ExpressionAttributeNames: names,
    },
    { KeyConditionExpression: "#ab = :x", ExpressionAttributeNames: { "#ab": "ab" } },
  ],
  [
    "names that nothing uses",
    { ProjectionExpression: "#a", ExpressionAttributeNames: { "#a": "a", "#none": "x" } },
    { ExpressionAttributeNames: { "#none": "x" } },
  ],
];
for (const [what, input, counted] of inputs) {
  test(`countInput() of ${what}`, () => {
    assert.deepEqual(countInput(input as never), { ...counted, Select: "COUNT" });
  });
}

test("countInput() leaves conditions that are objects as they are", () => {
  const FilterExpression = Attr("x").exists();
  const input = { FilterExpression, ProjectionExpression: "#a", ExpressionAttributeNames: names };
  assert.deepEqual(countInput(input), {
    FilterExpression,
    Select: "COUNT",
    ExpressionAttributeNames: { "#ab": "ab", "#b": "b" },
  });
});
