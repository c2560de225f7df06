/** What the user should know of addresses that others reach: for the log (spec reliability §12.1). */
export function publicAddressWarnings(hosts: {
  readonly invokeApi: string;
  /** `undefined`: there is no Runtime API. */
  readonly runtimeApi: string | undefined;
}): readonly string[] {
  const { invokeApi, runtimeApi } = hosts;
  const warnings: string[] = [];
  if (!isLoopback(invokeApi)) {
    warnings.push(
      `The Invoke API listens on ${invokeApi} without authentication: whoever reaches it can run the function`,
    );
  }
  if (runtimeApi !== undefined && !isLoopback(runtimeApi) && !runtimeApi.startsWith("169.254.")) {
    warnings.push(
      `The Runtime API listens on ${runtimeApi}: whoever reaches it can answer in the function's name`,
    );
  }
  return warnings;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || host.startsWith("127.");
}
