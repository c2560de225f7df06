import { readFileSync } from "node:fs";
import { ConfigError } from "../configuration/config-error.ts";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import { parseEnvFile } from "../configuration/env-file.ts";
import { functionEnvironment } from "../configuration/function-environment.ts";
import type { Variables } from "../configuration/read-options.ts";
import { functionNodeOptionsVariable } from "./leave-agents.ts";

/**
 * What the function inherits: the daemon's variables less the host's own, then those of `--env-file`;
 * where a flag won over one of them, its value.
 *
 * @throws {ConfigError} when a file cannot be read or is not of lines `NAME=VALUE`.
 */
export function functionVariables(
  configuration: Pick<DaemonConfiguration, "functionEnvironment" | "environments" | "log">,
  variables: Variables,
): Record<string, string> {
  const { functionEnvironment: rules, environments, log } = configuration;
  const own: Record<string, string> = {};
  for (const path of rules.envFiles) Object.assign(own, parseEnvFile(readEnvFile(path), path));
  const { clean, passNames } = rules;
  const kept = variables[functionNodeOptionsVariable];
  const given = kept === undefined ? variables : { ...variables, NODE_OPTIONS: kept || undefined };
  const inherited = functionEnvironment(given, { clean, passNames, own });
  const told: Record<string, string | undefined> = {
    AWS_LAMBDA_MAX_CONCURRENCY:
      environments.concurrencyEach > 1 ? String(environments.concurrencyEach) : undefined,
    AWS_LAMBDA_LOG_FORMAT: log.functionFormat === "JSON" ? "JSON" : undefined,
    AWS_LAMBDA_LOG_LEVEL: log.functionLevel,
  };
  for (const [name, value] of Object.entries(told)) {
    if (value === undefined) delete inherited[name];
    else inherited[name] = value;
  }
  return inherited;
}

function readEnvFile(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`Cannot read --env-file '${path}': ${reason}`]);
  }
}
