import { CredentialsError } from "../client/errors.ts";
import type { Provided } from "./provider.ts";
import { resolvedCredentials } from "./resolved-credentials.ts";

/**
 * What a provider gives, checked.
 * @param origin what the values were read from, as the error names it.
 * @throws CredentialsError when they are no credentials.
 */
export function provided(provider: string, origin: string, value: unknown): Provided {
  try {
    return { credentials: resolvedCredentials(value, origin), provider };
  } catch (error) {
    const { message } = error as TypeError;
    throw new CredentialsError(message, [{ provider, message }]);
  }
}

/**
 * The failure of a provider that applies.
 * @param message whole sentence: "Cannot …: why, and what helps"; without keys and tokens.
 */
export function providerError(
  provider: string,
  message: string,
  cause?: unknown,
): CredentialsError {
  return new CredentialsError(message, [{ provider, message }], cause);
}
