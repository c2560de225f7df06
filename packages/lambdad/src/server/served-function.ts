import type { HostedFunctionConfiguration } from "../configuration/daemon-configuration.ts";
import { ConfigError } from "../configuration/config-error.ts";
import type { LocalFunction } from "../configuration/server-configuration.ts";
import type { FunctionCommand } from "../host/function-command.ts";

/** A function of this machine, and how to run it. */
export interface ServedFunction {
  readonly configuration: HostedFunctionConfiguration;
  readonly function: FunctionCommand;
  /** The variables that it inherits. */
  readonly inherited: Readonly<Record<string, string>>;
}

/**
 * Finds out how to run each function.
 *
 * @throws {ConfigError} with what is wrong with any of them.
 */
export async function servedFunctions(
  functions: readonly (LocalFunction & Pick<ServedFunction, "inherited">)[],
  commandOf: (
    handler: string,
    configuration: HostedFunctionConfiguration,
  ) => Promise<FunctionCommand>,
): Promise<readonly ServedFunction[]> {
  const served: ServedFunction[] = [];
  const problems: string[] = [];
  for (const { handler, configuration, inherited } of functions) {
    try {
      // In order, so that the problems are, too.
      // oxlint-disable-next-line no-await-in-loop
      const command = await commandOf(handler, configuration);
      served.push({ configuration, inherited, function: command });
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error;
      const { name } = configuration.function;
      problems.push(...error.problems.map((problem) => `--function ${name}: ${problem}`));
    }
  }
  if (problems.length > 0) throw new ConfigError(problems, "lambdad server --help");
  return served;
}
