import { parseExpiration } from "./expiration.ts";
import { provided, providerError } from "./provided.ts";
import type { Provided } from "./provider.ts";
import { asRecord } from "./role-credentials.ts";

/**
 * Parses JSON that can hold secrets.
 * @returns `undefined` for text that is no JSON object: the engine's own error would show the text.
 */
export function parseSecretJson(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/** Names of members in an answer, and who answered. */
export interface JsonCredentialsForm {
  readonly provider: string;
  /** As the error names it: `the container's credential service`. */
  readonly origin: string;
  /** `SessionToken` (programs) or `Token` (metadata services). */
  readonly tokenMember: string;
}

/** Credentials of a JSON answer: `AccessKeyId`, `SecretAccessKey`, a token, `Expiration`, `AccountId`. */
export function jsonCredentials(
  json: Readonly<Record<string, unknown>>,
  { provider, origin, tokenMember }: JsonCredentialsForm,
): Provided {
  const { Expiration: expires, AccountId: account } = json;
  const expiration = parseExpiration(expires);
  if (expires !== undefined && expires !== null && expiration === undefined) {
    throw providerError(provider, `Cannot use credentials of ${origin}: "Expiration" is no date`);
  }
  return provided(provider, origin, {
    accessKeyId: json["AccessKeyId"],
    secretAccessKey: json["SecretAccessKey"],
    sessionToken: json[tokenMember],
    expiration,
    // Some programs write it as a number, without the zeros in front.
    accountId: typeof account === "number" ? String(account).padStart(12, "0") : account,
  });
}
