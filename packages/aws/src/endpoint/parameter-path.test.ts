import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { EndpointError } from "../client/errors.ts";
import { compileParameterPath } from "./parameter-path.ts";

const input = {
  TableName: "t",
  RequestItems: { a: 1, b: 2 },
  Create: { TableName: "c" },
  Items: [
    { Get: { TableName: "one" } },
    { Put: { TableName: "two" } },
    { Get: { TableName: "three" }, Put: { TableName: "four" } },
    {},
    null,
  ],
  Map: { x: { Name: "1" }, y: { Name: "2" }, z: {} },
  Lists: [[1, 2], [3, [4]], 5],
};

describe("compileParameterPath", () => {
  const cases: readonly (readonly [path: string, expected: unknown])[] = [
    ["TableName", "t"],
    ["Create.TableName", "c"],
    ["Missing.TableName", undefined],
    ["TableName.Missing", undefined],
    ["keys(RequestItems)", ["a", "b"]],
    ["keys(Missing)", undefined],
    ["RequestItems.keys(@)", ["a", "b"]],
    ["@.TableName", "t"],
    ["Items[*].Get.TableName", ["one", "three"]],
    ["Items[*].[Get.TableName, Put.TableName][]", ["one", "two", "three", "four"]],
    ["Missing[*].Name", undefined],
    ["TableName[*].Name", undefined],
    ["Map.*.Name", ["1", "2"]],
    ["Lists[]", [1, 2, 3, [4], 5]],
    ["Lists[*]", [[1, 2], [3, [4]], 5]],
    ["[TableName, Create.TableName]", ["t", "c"]],
  ];
  for (const [path, expected] of cases) {
    it(`reads ${path}`, () => assert.deepEqual(compileParameterPath(path)(input), expected));
  }

  for (const path of [
    "",
    ".",
    "a.",
    "a[",
    "a[b",
    "a]",
    "keys(",
    "keys(a",
    "a b",
    "a[0]",
    "a | b",
    "'a'",
    "a,",
  ]) {
    it(`refuses "${path}"`, () => {
      assert.throws(() => compileParameterPath(path), EndpointError);
    });
  }

  it("gives a value or a EndpointError for any path and input", () => {
    const pieces = fc.constantFrom(
      "a",
      "b",
      ".",
      "[*]",
      "[]",
      "[",
      "]",
      ",",
      "*",
      "keys(",
      ")",
      "@",
      " ",
    );
    const path = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(""));
    fc.assert(
      fc.property(path, fc.jsonValue(), (text, value) => {
        let read;
        try {
          read = compileParameterPath(text);
        } catch (error) {
          assert.ok(error instanceof EndpointError, String(error));
          return;
        }
        read({ a: value, b: [value] });
      }),
      { numRuns: 500 },
    );
  });
});
