import { parseArguments } from "../cli/parse-arguments.ts";
import type { DaemonConfiguration } from "../configuration/daemon-configuration.ts";
import type { Variables } from "../configuration/read-options.ts";

/** The configuration that `lambdad run` would have with these options and variables. */
export function configurationOf(
  options: readonly string[] = [],
  variables: Variables = {},
): DaemonConfiguration {
  const command = parseArguments(["run", ...options, "app.handler"], variables);
  if (command.kind !== "run") throw new Error("Cannot read the options");
  return command.configuration;
}
