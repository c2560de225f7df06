import type { Environment } from "../configuration/shared-configuration.ts";
import { CredentialsError } from "../client/errors.ts";
import type { BearerToken, CredentialProvider, CredentialSource } from "./credentials.ts";

/** What decides where a bearer token comes from. */
export interface TokenSourceOptions {
  /** The option `token`, if given. */
  readonly token: string | (() => Promise<BearerToken>) | undefined;
  readonly environment: Environment;
  /** The service's signing name: the environment has tokens for Bedrock. */
  readonly signingName: string;
  /** Makes a source that keeps itself fresh. */
  readonly sourceOf: (provider: CredentialProvider) => CredentialSource;
}

/**
 * The bearer token of a client, in the place of a secret key: so it is cached, refreshed and hidden
 * as keys are.
 */
export function tokenSource(options: TokenSourceOptions): CredentialSource {
  return options.sourceOf(async () => {
    const { token, expiration } = await tokenOf(options);
    return { accessKeyId: "token", secretAccessKey: token, expiration };
  });
}

async function tokenOf(options: TokenSourceOptions): Promise<BearerToken> {
  const { token, environment, signingName } = options;
  if (typeof token === "function") return await token();
  const given =
    token ?? (signingName === "bedrock" ? environment["AWS_BEARER_TOKEN_BEDROCK"] : undefined);
  if (given !== undefined && given !== "") return { token: given };
  const message = `no token is configured; set the option "token"`;
  const remedy = signingName === "bedrock" ? " or the variable AWS_BEARER_TOKEN_BEDROCK" : "";
  throw new CredentialsError(`Cannot authorize with a bearer token: ${message}${remedy}`, [
    { provider: "token", message: message + remedy },
  ]);
}
