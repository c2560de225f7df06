import type { EnvironmentOptions } from "../environment-options.ts";
import { extensionVariables } from "../extensions/extension-variables.ts";
import type { PlatformError } from "../platform-error.ts";
import { resolveExecutable } from "./runtime-command.ts";
import { runtimeVariables } from "./runtime-variables.ts";

/** What to start: the variables of the processes, and an executable that exists, or why it does not. */
export interface LaunchPlan {
  readonly variables: Readonly<Record<string, string>>;
  readonly extensionVariables: Readonly<Record<string, string>>;
  readonly runtime: { readonly executable: string } | { readonly error: PlatformError };
}

/** Works out how to start the processes of an environment whose Runtime API is at `runtimeApi`. */
export function planLaunch(options: EnvironmentOptions, runtimeApi: string): LaunchPlan {
  const { command, inherited, configuration, taskRoot } = options;
  const platform = runtimeVariables({ configuration, inherited, runtimeApi, taskRoot });
  const variables = { ...platform, ...command.variables };
  return {
    variables,
    extensionVariables: extensionVariables(platform),
    runtime: resolveExecutable(command, variables["PATH"] ?? ""),
  };
}
