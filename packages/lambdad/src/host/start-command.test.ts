import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { temporaryFolder } from "../testdata/named-pipe.ts";
import type { FunctionCommand } from "./function-command.ts";
import { startCommand } from "./start-command.ts";

const noLayers = "/no/such/layers";
const nodeName = `AWS_Lambda_nodejs${process.versions.node.split(".")[0]}.x`;
const wrapper = { AWS_LAMBDA_EXEC_WRAPPER: "/opt/wrapper" };

function functionOf(language: FunctionCommand["language"]): FunctionCommand {
  const variables = { _HANDLER: "app.handler", AWS_EXECUTION_ENV: "mine" };
  const command = { file: "sh", args: ["main"], cwd: "/", variables, channel: true };
  return { command, taskRoot: "/", watchFolder: "/", language };
}

describe("startCommand()", () => {
  for (const language of ["node", "python"] as const) {
    test(`runs the wrapper with the command, interpreter with its path first (${language})`, () => {
      const target = functionOf(language);
      const started = startCommand(target, { ...wrapper, PATH: "/nowhere:/bin" }, noLayers);
      assert.equal(started.file, "/bin/sh");
      assert.equal(started.args[0], "-c");
      assert.deepEqual(started.args.slice(-2), ["/bin/sh", "main"]);
      assert.deepEqual({ ...started, file: "sh", args: ["main"] }, target.command);
    });

    test(`leaves an interpreter that is not found to the wrapper (${language})`, () => {
      const started = startCommand(functionOf(language), { ...wrapper, PATH: "" }, noLayers);
      assert.deepEqual(started.args.slice(-2), ["sh", "main"]);
    });

    for (const inherited of [{}, { AWS_LAMBDA_EXEC_WRAPPER: "" }]) {
      test(`starts the command when there is no wrapper (${language})`, () => {
        const target = functionOf(language);
        assert.deepEqual(startCommand(target, inherited, noLayers), target.command);
      });
    }
  }

  test("leaves the wrapper to a command that is a start script itself", () => {
    const target = functionOf(undefined);
    assert.deepEqual(startCommand(target, wrapper, noLayers), target.command);
  });

  test("says which runtime it is, unless the function says it", () => {
    const { AWS_EXECUTION_ENV: _own, ...variables } = functionOf("node").command.variables;
    const target = { ...functionOf("node"), command: { ...functionOf("node").command, variables } };
    const nameIn = (inherited: Record<string, string>): string | undefined =>
      startCommand(target, inherited, noLayers).variables["AWS_EXECUTION_ENV"];
    assert.equal(nameIn({}), nodeName);
    assert.equal(nameIn({ AWS_EXECUTION_ENV: "mine" }), undefined);
  });

  test("finds the packages of layers for Node, those of its version first", (t) => {
    const layers = temporaryFolder(t);
    const all = join(layers, "nodejs/node_modules");
    const [major] = process.versions.node.split(".");
    const own = join(layers, `nodejs/node${major}/node_modules`);
    const pathOf = (inherited: Record<string, string>): string | undefined =>
      startCommand(functionOf("node"), inherited, layers).variables["NODE_PATH"];
    assert.equal(pathOf({}), undefined);
    mkdirSync(all, { recursive: true });
    assert.equal(pathOf({}), all);
    mkdirSync(own, { recursive: true });
    assert.equal(pathOf({}), `${own}:${all}`);
    assert.equal(pathOf({ NODE_PATH: "/mine" }), undefined);
    const python = startCommand(functionOf("python"), {}, layers);
    assert.equal(python.variables["NODE_PATH"], undefined);
  });
});
