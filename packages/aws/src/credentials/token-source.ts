import type { Environment } from "../configuration/shared-configuration.ts";
import type { CredentialsError } from "../client/errors.ts";
import type { BearerToken, CredentialSource } from "./credentials.ts";
import { providerError } from "./provided.ts";
import { type CredentialLogger, type Provided, systemClock } from "./provider.ts";
import { RefreshingSource } from "./refreshing-source.ts";
import { resolvedCredentials } from "./resolved-credentials.ts";

/** What decides where a bearer token comes from. */
export interface TokenSourceOptions {
  /** The option `token`, if given. */
  readonly token: string | (() => Promise<BearerToken>) | undefined;
  readonly environment: Environment;
  /** The service's signing name: the environment has tokens for Bedrock. */
  readonly signingName: string;
  readonly logger?: CredentialLogger | undefined;
}

const PROVIDER = "token";

/** Sources of functions given as `token`, so that clients with the same one share its token. */
const ofFunctions = new WeakMap<() => Promise<BearerToken>, CredentialSource>();

/**
 * The bearer token of a client, in the place of a secret key: so it is cached, refreshed and hidden
 * as keys are.
 */
export function tokenSource(options: TokenSourceOptions): CredentialSource {
  const { token, logger } = options;
  const known = typeof token === "function" ? ofFunctions.get(token) : undefined;
  if (known !== undefined) return known;
  const source = new RefreshingSource({
    provide: () => provideToken(options),
    clock: systemClock,
    logger,
  });
  if (typeof token === "function") ofFunctions.set(token, source);
  return source;
}

async function provideToken(options: TokenSourceOptions): Promise<Provided> {
  const { token, expiration } = await tokenOf(options);
  // Of what is wrong with it: nothing that shows it.
  if (typeof token !== "string" || !/^[\x21-\x7e]+$/.test(token)) {
    throw failure("it is no text, or has a blank or another character that is no token's");
  }
  const keys = { accessKeyId: "token", secretAccessKey: token, expiration };
  try {
    return { credentials: resolvedCredentials(keys, "a token"), provider: PROVIDER };
  } catch (error) {
    throw failure((error as Error).message);
  }
}

async function tokenOf(options: TokenSourceOptions): Promise<BearerToken> {
  const { token, environment, signingName } = options;
  if (typeof token === "function") return askFor(token);
  const given =
    token ?? (signingName === "bedrock" ? environment["AWS_BEARER_TOKEN_BEDROCK"] : undefined);
  if (given !== undefined && given !== "") return { token: given };
  const remedy = signingName === "bedrock" ? " or the variable AWS_BEARER_TOKEN_BEDROCK" : "";
  throw failure(`no token is configured; set the option "token"${remedy}`);
}

async function askFor(provider: () => Promise<BearerToken>): Promise<BearerToken> {
  let given: BearerToken | undefined;
  try {
    given = await provider();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw failure(`the function given as "token" failed: ${reason}`, error);
  }
  // A function without types can give anything.
  return given ?? { token: "" };
}

function failure(reason: string, cause?: unknown): CredentialsError {
  return providerError(PROVIDER, `Cannot authorize with a bearer token: ${reason}`, cause);
}
