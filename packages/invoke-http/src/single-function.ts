import type { FunctionConfiguration, ParsedFunctionName } from "@lambdad/core";
import { checkPlace, functionNotFound, isVersionOf } from "./match-function.ts";

/**
 * A resolver for a host of one function: it answers to its name and to `function`, which AWS's emulator
 * calls every function; without a qualifier, with `$LATEST`, and with its own version.
 */
export function singleFunctionResolver(
  configuration: FunctionConfiguration,
): (name: ParsedFunctionName) => FunctionConfiguration {
  return (parsed) => {
    checkPlace(parsed, configuration);
    const { name, qualifier } = parsed;
    const isKnown = name === configuration.name || name === "function";
    if (isKnown && isVersionOf(configuration, qualifier)) return configuration;
    throw functionNotFound(parsed, configuration);
  };
}
