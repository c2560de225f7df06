import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test, type TestContext } from "node:test";
import { ConfigError } from "../configuration/config-error.ts";
import type { Variables } from "../configuration/read-options.ts";
import { configurationOf } from "../testdata/configuration-of.ts";
import { temporaryFolder } from "../testdata/named-pipe.ts";
import { functionVariables } from "./function-variables.ts";

function variablesOf(options: readonly string[], variables: Variables): Record<string, string> {
  return functionVariables(configurationOf(options, variables), variables);
}

function fileOf(t: TestContext, text: string): string {
  const path = join(temporaryFolder(t), "env");
  writeFileSync(path, text);
  return path;
}

describe("functionVariables()", () => {
  test("passes the daemon's on, less the host's own (INV-10)", () => {
    const passed = variablesOf([], { A: "1", AMQP_URI: "amqp://u:p@h", LAMBDAD_METRICS: "true" });
    assert.deepEqual(passed, { A: "1" });
  });

  test("reads files in order; they win over what is inherited", (t) => {
    const first = fileOf(t, "A=file\nB=first\n");
    const second = fileOf(t, "B=second\n");
    const options = [`--env-file=${first}`, `--env-file=${second}`];
    assert.deepEqual(variablesOf(options, { A: "inherited", C: "c" }), {
      A: "file",
      B: "second",
      C: "c",
    });
  });

  test("inherits only what is named with --clean-env", (t) => {
    const file = fileOf(t, "MINE=1\n");
    const options = ["--clean-env", "--pass-env=KEPT", `--env-file=${file}`];
    const variables = { PATH: "/bin", KEPT: "1", LOST: "1" };
    assert.deepEqual(variablesOf(options, variables), { PATH: "/bin", KEPT: "1", MINE: "1" });
  });

  for (const [kept, nodeOptions] of [
    ["--require a", "--require a"],
    ["", undefined],
  ] as const) {
    test(`gives the function the NODE_OPTIONS '${kept}' that the daemon has left`, () => {
      const variables = { NODE_OPTIONS: "--own", LAMBDAD_FUNCTION_NODE_OPTIONS: kept };
      const passed = variablesOf([], variables);
      assert.equal(passed["NODE_OPTIONS"], nodeOptions);
      assert.equal(passed["LAMBDAD_FUNCTION_NODE_OPTIONS"], undefined);
    });
  }

  for (const [name, flag, value] of [
    ["AWS_LAMBDA_MAX_CONCURRENCY", "--environment-concurrency=4", "4"],
    ["AWS_LAMBDA_LOG_FORMAT", "--log-format=JSON", "JSON"],
    ["AWS_LAMBDA_LOG_LEVEL", "--function-log-level=DEBUG", "DEBUG"],
  ] as const) {
    test(`tells the function ${flag}`, () => {
      assert.equal(variablesOf([flag], {})[name], value);
      assert.equal(variablesOf([], { [name]: value })[name], value);
      assert.equal(variablesOf([], {})[name], undefined);
    });
  }

  test("does not tell the function what a flag has overruled", () => {
    const variables = { AWS_LAMBDA_MAX_CONCURRENCY: "8", AWS_LAMBDA_LOG_FORMAT: "JSON" };
    assert.deepEqual(
      variablesOf(["--environment-concurrency=1", "--log-format=Text"], variables),
      {},
    );
  });

  for (const [what, path] of [
    ["is not there", "/no/such/file"],
    ["is a folder", "/"],
  ] as const) {
    test(`says so when a file ${what} (HO-13)`, () => {
      assert.throws(
        () => variablesOf([`--env-file=${path}`], {}),
        (error) =>
          error instanceof ConfigError &&
          error.problems.length === 1 &&
          error.problems[0]?.startsWith(`Cannot read --env-file '${path}': `) === true,
      );
    });
  }

  test("says where a file is wrong, without the value (HO-13, INV-10)", (t) => {
    const path = fileOf(t, "A=1\nhunter2 is my password\n");
    assert.throws(
      () => variablesOf([`--env-file=${path}`], {}),
      (error) =>
        error instanceof ConfigError &&
        error.message.includes(path) &&
        !error.message.includes("hunter2"),
    );
  });
});
