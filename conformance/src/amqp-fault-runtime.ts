import { join } from "node:path";
import type { FaultHostCommand } from "./amqp-fault-hosts.ts";
import type { FaultHostPlace } from "./amqp-faults.ts";
import { fixture, repositoryRoot } from "./paths.ts";

/** How `lambda-runtime` is typed: from source, as in the repository's scripts. */
export const lambdaRuntimeCommand: readonly string[] = [
  process.execPath,
  "--conditions=@lambdad/source",
  join(repositoryRoot, "packages", "node-runtime", "src", "amqp", "main.ts"),
];

/** `lambda-runtime` with the function that notes its executions. */
export function faultRuntime({ brokerUri, queue, journal }: FaultHostPlace): FaultHostCommand {
  const module = fixture("amqp-faults", "function.mjs");
  return {
    command: [...lambdaRuntimeCommand, "-u", brokerUri, "-q", queue, module],
    env: { FAULTS_JOURNAL: journal },
    ready: new RegExp(`consum.*${queue}`, "i"),
  };
}
