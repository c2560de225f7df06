import {
  functionArn,
  type FunctionConfiguration,
  HostError,
  type ParsedFunctionName,
} from "@lambdad/core";

/** Whether a function answers to a qualifier: none, `$LATEST`, or its own version. */
export function isVersionOf(
  { version }: FunctionConfiguration,
  qualifier: string | undefined,
): boolean {
  return qualifier === undefined || qualifier === "$LATEST" || qualifier === version;
}

/**
 * An ARN must be of the host's region and account; AWS gives no text when the account is another.
 *
 * @throws {HostError} `ResourceNotFoundException` or `AccessDeniedException`.
 */
export function checkPlace(
  parsed: ParsedFunctionName,
  { region, accountId }: Pick<FunctionConfiguration, "region" | "accountId">,
): void {
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

/** No function has this name, or none this version, at the host's place. */
export function functionNotFound(
  { name, qualifier }: ParsedFunctionName,
  place: Pick<FunctionConfiguration, "region" | "accountId">,
): HostError {
  return new HostError(
    "ResourceNotFoundException",
    `Function not found: ${functionArn({ ...place, name }, qualifier ?? "$LATEST")}`,
  );
}
