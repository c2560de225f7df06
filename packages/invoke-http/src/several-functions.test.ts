import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type FunctionConfiguration, HostError, parseFunctionName } from "@lambdad/core";
import { severalFunctionsResolver } from "./several-functions.ts";

const place = { region: "us-east-1", accountId: "123456789012" };
const arn = "arn:aws:lambda:us-east-1:123456789012:function:";

function functionOf(name: string, version = "$LATEST"): FunctionConfiguration {
  return { name, version, ...place, handler: "", memorySizeMb: 128, timeoutMs: 3_000 };
}

const functions = [functionOf("echo"), functionOf("add", "7")];

describe("severalFunctionsResolver()", () => {
  const resolve = severalFunctionsResolver({ place, functions });

  for (const [name, found] of [
    ["echo", "echo"],
    ["echo:$LATEST", "echo"],
    ["123456789012:function:echo", "echo"],
    [`${arn}add`, "add"],
    [`${arn}add:7`, "add"],
  ] as const) {
    test(`finds '${found}' by '${name}'`, () => {
      assert.equal(resolve(parseFunctionName(name)).name, found);
    });
  }

  for (const [name, code] of [
    ["function", "ResourceNotFoundException"],
    ["nope", "ResourceNotFoundException"],
    ["add:8", "ResourceNotFoundException"],
    ["arn:aws:lambda:eu-west-1:123456789012:function:echo", "ResourceNotFoundException"],
    ["999999999999:function:echo", "AccessDeniedException"],
  ] as const) {
    test(`finds nothing by '${name}' (HT-10)`, () => {
      assert.throws(
        () => resolve(parseFunctionName(name)),
        (error) => error instanceof HostError && error.code === code,
      );
    });
  }

  describe("with somewhere else to look", () => {
    const other = functionOf("other");
    const both = severalFunctionsResolver({ place, functions, otherwise: () => other });

    for (const name of ["nope", "nope:8", "arn:aws:lambda:eu-west-1:999999999999:function:nope"]) {
      test(`looks there for '${name}'`, () => {
        assert.equal(both(parseFunctionName(name)), other);
      });
    }

    test("prefers its own functions", () => {
      assert.equal(both(parseFunctionName("echo")), functions[0]);
    });

    for (const name of ["echo:8", "999999999999:function:echo"]) {
      test(`does not look there for '${name}', because the name is its own`, () => {
        assert.throws(() => both(parseFunctionName(name)), HostError);
      });
    }
  });
});
