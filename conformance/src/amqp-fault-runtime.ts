import { join } from "node:path";
import type { FaultHostCommand } from "./amqp-fault-hosts.ts";
import type { FaultHostPlace } from "./amqp-faults.ts";
import { fixture, repositoryRoot } from "./paths.ts";
import { lambdadCommand } from "./start-lambdad.ts";

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

/** `lambdad` with the same function, in so many processes. */
export function faultDaemon(
  { brokerUri, queue, journal }: FaultHostPlace,
  environments: number,
): FaultHostCommand {
  const module = fixture("amqp-faults", "function");
  return {
    command: [...lambdadCommand, "run", `--max-concurrency=${environments}`, `${module}.handler`],
    env: {
      AMQP_URI: brokerUri,
      AWS_LAMBDA_FUNCTION_NAME: queue,
      FAULTS_JOURNAL: journal,
      PORT: "0",
      RUNTIME_API_PORT: "0",
    },
    ready: new RegExp(`serving.*${queue}`, "i"),
  };
}
