import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ConfigError } from "../configuration/config-error.ts";
import type { LocalFunction } from "../configuration/server-configuration.ts";
import { commandOfWords, type FunctionCommand } from "../host/function-command.ts";
import { configurationOf } from "../testdata/configuration-of.ts";
import { servedFunctions } from "./served-function.ts";

function local(
  name: string,
  handler: string,
): LocalFunction & { readonly inherited: Record<string, string> } {
  return { handler, configuration: configurationOf([`--name=${name}`]), inherited: { NAME: name } };
}

function commandOf(handler: string): Promise<FunctionCommand> {
  if (handler === "bug") return Promise.reject(new TypeError("a bug"));
  if (handler.startsWith("no")) return Promise.reject(new ConfigError([`No '${handler}'`]));
  return Promise.resolve(commandOfWords([handler], "/"));
}

describe("servedFunctions()", () => {
  test("gives each function its command and its variables, in order", async () => {
    const served = await servedFunctions([local("b", "two"), local("a", "one")], commandOf);
    assert.deepEqual(
      served.map((each) => [
        each.configuration.function.name,
        each.function.command.file,
        each.inherited,
      ]),
      [
        ["b", "two", { NAME: "b" }],
        ["a", "one", { NAME: "a" }],
      ],
    );
  });

  test("tells of every function that cannot be run", async () => {
    const functions = [local("a", "no-a"), local("b", "two"), local("c", "no-c")];
    await assert.rejects(servedFunctions(functions, commandOf), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.deepEqual(error.problems, ["--function a: No 'no-a'", "--function c: No 'no-c'"]);
      return true;
    });
  });

  test("lets other errors through", async () => {
    await assert.rejects(servedFunctions([local("a", "bug")], commandOf), { message: "a bug" });
  });
});
