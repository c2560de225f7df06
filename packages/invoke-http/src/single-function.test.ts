import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError, parseFunctionName } from "@lambdad/core";
import { singleFunctionResolver } from "./single-function.ts";

const configuration = {
  name: "echo",
  version: "7",
  region: "us-east-1",
  accountId: "123456789012",
  handler: "",
  memorySizeMb: 128,
  timeoutMs: 3_000,
};
const resolve = singleFunctionResolver(configuration);
const arn = "arn:aws:lambda:us-east-1:123456789012:function:";

describe("singleFunctionResolver()", () => {
  const known = [
    "echo",
    "function",
    "echo:7",
    "echo:$LATEST",
    "123456789012:echo",
    `${arn}echo`,
    `${arn}function:7`,
  ];
  for (const name of known) {
    test(`answers to '${name}'`, () => {
      assert.equal(resolve(parseFunctionName(name)), configuration);
    });
  }

  const unknown: readonly (readonly [string, string | undefined, string, string])[] = [
    ["nope", undefined, "ResourceNotFoundException", `Function not found: ${arn}nope:$LATEST`],
    ["echo:8", undefined, "ResourceNotFoundException", `Function not found: ${arn}echo:8`],
    ["echo", "$latest", "ResourceNotFoundException", `Function not found: ${arn}echo:$latest`],
    [
      "n".repeat(65),
      undefined,
      "ResourceNotFoundException",
      `Function not found: ${arn}${"n".repeat(65)}:$LATEST`,
    ],
    [
      "arn:aws:lambda:eu-west-1:123456789012:function:echo",
      undefined,
      "ResourceNotFoundException",
      "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    ],
    ["999999999999:function:echo", undefined, "AccessDeniedException", ""],
  ];
  for (const [name, qualifier, code, message] of unknown) {
    test(`does not answer to '${name.slice(0, 60)}' ${qualifier ?? ""} (HT-10)`, () => {
      assert.throws(
        () => resolve(parseFunctionName(name, qualifier)),
        (error) => error instanceof HostError && error.code === code && error.message === message,
      );
    });
  }
});
