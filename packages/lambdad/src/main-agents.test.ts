import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { functionFolder, startDaemon } from "./testdata/daemon-process.ts";

const timeout = 60_000;

/** Takes SIGTERM over, as agents do; the function can tell that it is there. */
const agent = `
globalThis.agents = (globalThis.agents ?? 0) + 1;
process.on("SIGTERM", () => console.log("agent of " + process.argv[1]));`;

describe("an agent of NODE_OPTIONS", () => {
  for (const [what, env, options] of [
    [
      "lambdad's own variables",
      { NODE_OPTIONS: "--stack-trace-limit=7 --require ./agent.cjs" },
      [],
    ],
    ["--env-file", {}, ["--env-file", "function.env"]],
  ] as const) {
    test(`is for the function, and not for lambdad, from ${what}`, { timeout }, async (t) => {
      const cwd = functionFolder(
        t,
        "return [globalThis.agents, process.env.NODE_OPTIONS, Object.keys(process.env).filter((name) => name.startsWith('LAMBDAD'))];",
      );
      writeFileSync(join(cwd, "agent.cjs"), agent);
      const nodeOptions = "--stack-trace-limit=7 --require ./agent.cjs";
      writeFileSync(join(cwd, "function.env"), `NODE_OPTIONS="${nodeOptions}"\n`);
      const daemon = await startDaemon(t, ["run", ...options, "app.handler"], { cwd, env });
      assert.deepEqual((await daemon.invoke({})).json, [1, nodeOptions, []]);
      daemon.child.kill("SIGTERM");
      const { code } = await daemon.end;
      assert.equal(code, 0);
      assert.doesNotMatch(daemon.stdout + daemon.stderr, /agent of/);
    });
  }
});
