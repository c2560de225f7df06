import {
  functionArn,
  type FunctionConfiguration,
  HostError,
  type ParsedFunctionName,
} from "@lambdad/core";

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
    throw new HostError(
      "ResourceNotFoundException",
      `Function not found: ${functionArn({ ...configuration, name }, qualifier ?? "$LATEST")}`,
    );
  };
}

function isVersionOf({ version }: FunctionConfiguration, qualifier: string | undefined): boolean {
  return qualifier === undefined || qualifier === "$LATEST" || qualifier === version;
}

/** An ARN must be of this region and account; AWS gives no text when the account is another. */
function checkPlace(parsed: ParsedFunctionName, configuration: FunctionConfiguration): void {
  const { region, accountId } = configuration;
  if (parsed.region !== undefined && parsed.region !== region) {
    throw new HostError(
      "ResourceNotFoundException",
      `Functions from '${parsed.region}' are not reachable in this region ('${region}')`,
    );
  }
  if (parsed.accountId !== undefined && parsed.accountId !== accountId) {
    throw new HostError("AccessDeniedException", "");
  }
}
