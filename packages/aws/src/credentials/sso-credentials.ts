import type { CredentialsError } from "../client/errors.ts";
import { parseExpiration } from "./expiration.ts";
import { profileSetting } from "./profile-setting.ts";
import { provided, providerError } from "./provided.ts";
import type { ChainContext, Provided } from "./provider.ts";
import { asRecord } from "./role-credentials.ts";
import { ssoAccessToken, type SsoSignIn } from "./sso-token.ts";

const PROVIDER = "sso";

/**
 * Asks IAM Identity Center for the credentials of the profile's `sso_account_id` and `sso_role_name`,
 * with the token that `aws sso login` has cached (for `sso_session`, or for the old `sso_start_url` in
 * the profile).
 * @throws CredentialsError that says to sign in when there is no token that can be used.
 */
export async function ssoCredentials(context: ChainContext): Promise<Provided | string> {
  const { files, profile, session } = context;
  const accountId = profileSetting(files, profile, "sso_account_id");
  const roleName = profileSetting(files, profile, "sso_role_name");
  if (accountId === undefined && roleName === undefined) {
    return `profile "${profile}" has no sso_account_id and sso_role_name`;
  }
  const signIn = signInOf(context);
  if (accountId === undefined || roleName === undefined) {
    throw failure(
      profile,
      `${accountId === undefined ? "sso_account_id" : "sso_role_name"} is missing`,
    );
  }
  const access = await ssoAccessToken(context, signIn);
  const login = `sign in with "aws sso login --profile ${profile}"`;
  if (typeof access === "string") throw failure(profile, `${access}; ${login}`);
  const input = { accountId, roleName, accessToken: access.token };
  let output: Record<string, unknown>;
  try {
    const options = { region: signIn.region, credentials: false, session } as const;
    output = await context.callOperation("sso", "GetRoleCredentials", input, options);
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    const remedy = name === "UnauthorizedException" ? `; ${login}` : "";
    throw failure(profile, `IAM Identity Center refused: ${message}${remedy}`, error);
  }
  const keys = asRecord(output["roleCredentials"]);
  if (keys === undefined) throw failure(profile, "the answer has no roleCredentials");
  return provided(PROVIDER, `role "${roleName}" of account ${accountId}`, {
    accessKeyId: keys["accessKeyId"],
    secretAccessKey: keys["secretAccessKey"],
    sessionToken: keys["sessionToken"],
    expiration: parseExpiration(keys["expiration"]),
    accountId,
  });
}

function signInOf({ files, profile }: ChainContext): SsoSignIn {
  const session = profileSetting(files, profile, "sso_session");
  const section = session === undefined ? undefined : files.config.ssoSessions.get(session);
  if (session !== undefined && section === undefined) {
    throw failure(profile, `its sso_session "${session}" does not exist`);
  }
  const setting = (key: string): string => {
    const own = profileSetting(files, profile, key);
    const shared = section?.values.get(key) || undefined;
    if (own !== undefined && shared !== undefined && own !== shared) {
      throw failure(
        profile,
        `${key} is "${own}" there and "${shared}" in its sso_session; remove one`,
      );
    }
    const value = shared ?? own;
    if (value === undefined) throw failure(profile, `${key} is missing`);
    return value;
  };
  return { session, startUrl: setting("sso_start_url"), region: setting("sso_region") };
}

function failure(profile: string, reason: string, cause?: unknown): CredentialsError {
  return providerError(PROVIDER, `Cannot use SSO of profile "${profile}": ${reason}`, cause);
}
