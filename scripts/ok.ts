// npm run ok [-- STEP…]
//
// Every check that is no test: each step with its name and its time, all of them even if one fails.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./repository.ts";
import { runCommand } from "./run-command.ts";

interface Step {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
}

const node = [process.execPath, "--conditions=@lambdad/source"] as const;
const benchmarks = "benchmarks/src/main.ts";

const steps: readonly Step[] = [
  { name: "types", command: ["tsc", "--noEmit", "-p", "tsconfig.json"] },
  { name: "lint", command: ["oxlint", "--type-aware", "--deny-warnings"] },
  { name: "format", command: ["oxfmt", "--check"] },
  { name: "unused", command: ["knip"] },
  { name: "tidy", command: [...node, "scripts/tidy.ts"] },
  { name: "build", command: [...node, "scripts/build.ts"] },
  { name: "packages", command: [...node, "scripts/packages.ts"] },
  ...(existsSync(join(root, benchmarks))
    ? [{ name: "benchmarks", command: [...node, benchmarks, "--quick"] } as const]
    : []),
];

function chosenSteps(names: readonly string[]): readonly Step[] {
  for (const name of names) {
    if (steps.some((step) => step.name === name)) continue;
    const known = steps.map((step) => step.name).join(", ");
    throw new Error(`Cannot run step '${name}': the steps are ${known}`);
  }
  return names.length === 0 ? steps : steps.filter((step) => names.includes(step.name));
}

async function runSteps(chosen: readonly Step[]): Promise<readonly string[]> {
  const failed: string[] = [];
  for (const { name, command } of chosen) {
    const startMs = performance.now();
    const { status, output } = await runCommand(command, { capture: true });
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1).padStart(6);
    console.log(`${status === 0 ? "ok    " : "FAILED"} ${name.padEnd(10)} ${seconds} s`);
    if (status !== 0) {
      failed.push(name);
      console.log(output.trimEnd().replaceAll(/^/gm, "    "));
    } else if (name === "benchmarks") {
      console.log(output.trimEnd().replaceAll(/^/gm, "    "));
    }
  }
  return failed;
}

try {
  const failed = await runSteps(chosenSteps(process.argv.slice(2)));
  console.log(failed.length === 0 ? "All checks passed." : `Failed: ${failed.join(", ")}.`);
  if (failed.length > 0) process.exitCode = 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
