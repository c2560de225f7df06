import type { FunctionConfiguration, ParsedFunctionName } from "@lambdad/core";
import { checkPlace, functionNotFound, isVersionOf } from "./match-function.ts";

export interface SeveralFunctionsOptions {
  /** Of the host: an ARN of another one does not name a function of this list. */
  readonly place: Pick<FunctionConfiguration, "region" | "accountId">;
  readonly functions: readonly FunctionConfiguration[];
  /**
   * Finds a function whose name is not in the list; the caller's region, account and qualifier are
   * its business. Without it such a name leads nowhere.
   */
  readonly otherwise?: (name: ParsedFunctionName) => FunctionConfiguration;
}

/**
 * A resolver for a host of several functions: each answers to its name alone, without a qualifier, with
 * `$LATEST`, and with its own version.
 */
export function severalFunctionsResolver(
  options: SeveralFunctionsOptions,
): (name: ParsedFunctionName) => FunctionConfiguration {
  const { place, otherwise } = options;
  const functions = new Map(options.functions.map((each) => [each.name, each]));
  return (parsed) => {
    const configuration = functions.get(parsed.name);
    if (configuration === undefined && otherwise !== undefined) return otherwise(parsed);
    checkPlace(parsed, place);
    if (configuration !== undefined && isVersionOf(configuration, parsed.qualifier)) {
      return configuration;
    }
    throw functionNotFound(parsed, place);
  };
}
