import type { EnvironmentOptions } from "../environment-options.ts";
import type { PlatformError } from "../platform-error.ts";
import { resolveExecutable } from "./runtime-command.ts";
import { runtimeVariables } from "./runtime-variables.ts";

/** What to start: an executable that exists, and the variables of its process. */
export interface LaunchPlan {
  readonly executable: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Works out how to start a runtime whose Runtime API is at `runtimeApi`, or why it cannot be. */
export function planLaunch(
  options: EnvironmentOptions,
  runtimeApi: string,
): LaunchPlan | { readonly error: PlatformError } {
  const { command, inherited, configuration, taskRoot } = options;
  const variables = {
    ...runtimeVariables({ configuration, inherited, runtimeApi, taskRoot }),
    ...command.variables,
  };
  const resolved = resolveExecutable(command, variables["PATH"] ?? "");
  return "error" in resolved ? resolved : { executable: resolved.executable, variables };
}
