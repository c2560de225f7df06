import { parseExpiration } from "./expiration.ts";
import { provided, providerError } from "./provided.ts";
import type { Environment } from "../configuration/shared-configuration.ts";
import type { Provided } from "./provider.ts";

const PROVIDER = "environment";

/**
 * Keys of `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN` (or its old name
 * `AWS_SECURITY_TOKEN`), `AWS_CREDENTIAL_EXPIRATION` and `AWS_ACCOUNT_ID`. An empty variable is one
 * that is not set.
 * @returns `undefined` when there is no `AWS_ACCESS_KEY_ID`.
 * @throws CredentialsError for half a pair or an expiration that cannot be read.
 */
export function environmentCredentials(environment: Environment): Provided | undefined {
  const accessKeyId = environment["AWS_ACCESS_KEY_ID"];
  if (accessKeyId === undefined || accessKeyId === "") return undefined;
  const secretAccessKey = environment["AWS_SECRET_ACCESS_KEY"];
  if (secretAccessKey === undefined || secretAccessKey === "") {
    const message =
      "Cannot use the credentials of the environment: AWS_ACCESS_KEY_ID is set but " +
      "AWS_SECRET_ACCESS_KEY is not; set both or neither";
    throw providerError(PROVIDER, message);
  }
  const expires = environment["AWS_CREDENTIAL_EXPIRATION"] ?? "";
  const expiration = expires === "" ? undefined : parseExpiration(expires);
  if (expires !== "" && expiration === undefined) {
    const message = `Cannot use the credentials of the environment: AWS_CREDENTIAL_EXPIRATION "${expires}" is no date`;
    throw providerError(PROVIDER, message);
  }
  return provided(PROVIDER, "the environment (AWS_ACCESS_KEY_ID and others)", {
    accessKeyId,
    secretAccessKey,
    sessionToken: environment["AWS_SESSION_TOKEN"] || environment["AWS_SECURITY_TOKEN"],
    expiration,
    accountId: environment["AWS_ACCOUNT_ID"],
  });
}
