import { readFile } from "node:fs/promises";
import type { CredentialsError } from "../client/errors.ts";
import { profileSetting } from "./profile-setting.ts";
import { providerError } from "./provided.ts";
import type { ChainContext, Provided } from "./provider.ts";
import { defaultSessionName, roleCredentials } from "./role-credentials.ts";

const PROVIDER = "web-identity";

/**
 * Assumes a role with the token of a web identity (EKS service accounts, CI systems):
 * `AWS_WEB_IDENTITY_TOKEN_FILE`, `AWS_ROLE_ARN` and `AWS_ROLE_SESSION_NAME`, each before the profile's
 * `web_identity_token_file`, `role_arn` and `role_session_name`; only the profile's when the profile
 * was named in code.
 */
export async function webIdentityCredentials(context: ChainContext): Promise<Provided | string> {
  const { files, profile, region, session, clock } = context;
  const setting = (variable: string, key: string): string | undefined =>
    (context.profileNamed ? "" : context.environment[variable]) ||
    profileSetting(files, profile, key);
  const file = setting("AWS_WEB_IDENTITY_TOKEN_FILE", "web_identity_token_file");
  if (file === undefined) return "no web identity token file is configured";
  const roleArn = setting("AWS_ROLE_ARN", "role_arn");
  if (roleArn === undefined) {
    throw failure("there is a token file but no role; set AWS_ROLE_ARN or the profile's role_arn");
  }
  const input = {
    RoleArn: roleArn,
    RoleSessionName:
      setting("AWS_ROLE_SESSION_NAME", "role_session_name") ?? defaultSessionName(clock.now()),
    WebIdentityToken: await token(file),
  };
  const options = { region, credentials: false, session } as const;
  let output: Record<string, unknown>;
  try {
    output = await context.callOperation("sts", "AssumeRoleWithWebIdentity", input, options);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw failure(`STS refused role "${roleArn}": ${reason}`, error);
  }
  return roleCredentials({ provider: PROVIDER, roleArn, output });
}

/** Read each time: whoever mounted the file renews its token. */
async function token(path: string): Promise<string> {
  let text: string;
  try {
    text = (await readFile(path, "utf8")).trim();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw failure(`the token file "${path}" cannot be read (${code})`);
  }
  if (text === "") throw failure(`the token file "${path}" is empty`);
  return text;
}

function failure(reason: string, cause?: unknown): CredentialsError {
  return providerError(PROVIDER, `Cannot assume a role with web identity: ${reason}`, cause);
}
