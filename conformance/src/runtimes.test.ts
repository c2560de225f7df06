import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { type Host, peerCommand, startHost } from "./host.ts";
import { knownDifferences } from "./known-differences.ts";
import { prepare } from "./prepare.ts";
import type { RuntimeScenario } from "./runtime-scenario.ts";
import { runtimeScenarios } from "./runtime-scenarios.ts";
import { type Runtime, runtimes } from "./runtimes.ts";

const defaultEnv = { AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "512", AWS_LAMBDA_FUNCTION_TIMEOUT: "20" };

for (const runtime of runtimes) {
  const folder = await prepare(runtime.part);
  if (folder === undefined) continue;
  describe(runtime.name, () => {
    for (const group of groupByHost(runtimeScenarios)) testGroup(runtime, folder, group);
  });
}

/** Scenarios with the same variables and entry share one host. */
function groupByHost(scenarios: readonly RuntimeScenario[]): readonly RuntimeScenario[][] {
  return [...Map.groupBy(scenarios, hostKey).values()];
}

function hostKey({ env, entry }: RuntimeScenario): string {
  return JSON.stringify([env ?? {}, entry ?? ""]);
}

function testGroup(runtime: Runtime, folder: string, group: readonly RuntimeScenario[]): void {
  const [first] = group;
  if (first === undefined) return;
  describe(first.entry ?? Object.keys(first.env ?? { handler: "" }).join(" "), () => {
    let host: Host | undefined;
    if (group.some((scenario) => !scenario.skip?.(runtime))) {
      before(async () => {
        const command = runtime.command(folder, first.entry ?? "handler");
        host = await startHost(command, { ...defaultEnv, ...first.env }, runtime.cwd);
      });
      after(() => host?.stop());
    }
    for (const scenario of group) {
      const { title } = scenario;
      test(title, { skip: scenario.skip?.(runtime) ?? false, timeout: 90_000 }, async () => {
        if (host === undefined) throw new Error("Cannot run the scenario: the host did not start");
        await runScenario(scenario, scenario.run({ host, runtime }));
      });
    }
  });
}

/** Against a peer, a known difference must still be one. */
async function runScenario({ id }: RuntimeScenario, run: Promise<void>): Promise<void> {
  const reason = peerCommand === undefined ? undefined : knownDifferences[id];
  if (reason === undefined) return run;
  await assert.rejects(run, () => true, `'${id}' no longer differs: ${reason}`);
}
