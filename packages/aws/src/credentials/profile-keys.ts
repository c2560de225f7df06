import type { ProfileSection } from "../configuration/profile-file.ts";
import { provided, providerError } from "./provided.ts";
import type { Provided } from "./provider.ts";

/** Where keys of a profile stand. */
export interface ProfileKeysPlace {
  /** `credentials-file` or `config-file`. */
  readonly provider: string;
  readonly profile: string;
  /** As errors name it: `the credentials file`. */
  readonly file: string;
}

/**
 * Keys that stand in a profile: `aws_access_key_id`, `aws_secret_access_key`, `aws_session_token`
 * (or its old name `aws_security_token`), `aws_account_id`.
 * @returns `undefined` when the section has no `aws_access_key_id`.
 * @throws CredentialsError for half a pair.
 */
export function profileKeys(
  section: ProfileSection | undefined,
  { provider, profile, file }: ProfileKeysPlace,
): Provided | undefined {
  const accessKeyId = section?.values.get("aws_access_key_id") ?? "";
  if (section === undefined || accessKeyId === "") return undefined;
  const secretAccessKey = section.values.get("aws_secret_access_key") ?? "";
  const place = `profile "${profile}" in ${file}`;
  if (secretAccessKey === "") {
    const message = `Cannot use the credentials of ${place}: it has aws_access_key_id but no aws_secret_access_key`;
    throw providerError(provider, message);
  }
  return provided(provider, place, {
    accessKeyId,
    secretAccessKey,
    sessionToken:
      section.values.get("aws_session_token") || section.values.get("aws_security_token"),
    accountId: section.values.get("aws_account_id"),
  });
}
