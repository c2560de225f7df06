import { CredentialsError } from "../client/errors.ts";
import { containerCredentials } from "./container-credentials.ts";
import type { Credentials } from "./credentials.ts";
import { environmentCredentials } from "./environment-credentials.ts";
import { instanceMetadataCredentials } from "./instance-metadata.ts";
import { hasProfile, profileSetting } from "./profile-setting.ts";
import { providerError } from "./provided.ts";
import type { ChainContext, ChainProvider, Provided } from "./provider.ts";
import { defaultSessionName, roleCredentials } from "./role-credentials.ts";

const PROVIDER = "assume-role";
/** Profiles that name each other; more is taken for a mistake. */
const SOURCE_PROFILES_MAX = 20;

/** Resolves the credentials of a profile that assumes no role, without the environment's keys. */
export type ProfileResolver = (context: ChainContext) => Promise<Provided | string>;

/** The named sources of `credential_source`, by lower-case name. */
const NAMED_SOURCES: ReadonlyMap<string, ChainProvider> = new Map([
  [
    "environment",
    (context) =>
      Promise.resolve(
        environmentCredentials(context.environment) ?? "AWS_ACCESS_KEY_ID is not set",
      ),
  ],
  ["ecscontainer", containerCredentials],
  ["ec2instancemetadata", instanceMetadataCredentials],
]);

/**
 * Assumes the role of a profile with `role_arn` (unless it has `web_identity_token_file`), with the
 * credentials of its `source_profile` (which may itself assume a role) or `credential_source`.
 * @throws CredentialsError for profiles in a circle, a source without credentials, or a refusal of STS.
 */
export async function assumeRoleCredentials(
  context: ChainContext,
  resolveProfile: ProfileResolver,
): Promise<Provided | string> {
  const { profile } = context;
  if (!assumesRole(context, profile)) return `profile "${profile}" has no role_arn`;
  return assumeRoleOf(context, resolveProfile, [profile]);
}

/** @param path profiles from the first to this one. */
async function assumeRoleOf(
  context: ChainContext,
  resolveProfile: ProfileResolver,
  path: readonly string[],
): Promise<Provided> {
  const { files, profile, region, session, clock } = context;
  const roleArn = profileSetting(files, profile, "role_arn") ?? "";
  const source = await sourceCredentials(context, resolveProfile, path);
  const serialNumber = profileSetting(files, profile, "mfa_serial");
  const externalId = profileSetting(files, profile, "external_id");
  const seconds = durationSeconds(context);
  const input = {
    RoleArn: roleArn,
    RoleSessionName:
      profileSetting(files, profile, "role_session_name") ?? defaultSessionName(clock.now()),
    ...(externalId !== undefined && { ExternalId: externalId }),
    ...(seconds !== undefined && { DurationSeconds: seconds }),
    ...(serialNumber !== undefined && {
      SerialNumber: serialNumber,
      TokenCode: await mfaCode(context, serialNumber),
    }),
  };
  let output: Record<string, unknown>;
  try {
    output = await context.callOperation("sts", "AssumeRole", input, {
      region,
      credentials: source,
      session,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Cannot assume role "${roleArn}" of profile "${profile}": ${reason}`;
    throw providerError(PROVIDER, message, error);
  }
  return roleCredentials({ provider: PROVIDER, roleArn, output });
}

async function sourceCredentials(
  context: ChainContext,
  resolveProfile: ProfileResolver,
  path: readonly string[],
): Promise<Credentials> {
  const { files, profile } = context;
  const sourceProfile = profileSetting(files, profile, "source_profile");
  const named = profileSetting(files, profile, "credential_source");
  if (sourceProfile !== undefined && named !== undefined) {
    throw invalid(profile, "it has both source_profile and credential_source; keep one of them");
  }
  if (named !== undefined) return namedSource(context, named);
  if (sourceProfile === undefined) {
    throw invalid(profile, "it has role_arn but neither source_profile nor credential_source");
  }
  if (!hasProfile(files, sourceProfile)) {
    throw invalid(profile, `its source_profile "${sourceProfile}" does not exist`);
  }
  const ownKeys = hasKeys(context, sourceProfile);
  // A profile may name itself: its own keys then assume its role.
  if (path.includes(sourceProfile) && !(sourceProfile === profile && ownKeys)) {
    throw invalid(
      profile,
      `its source profiles form a circle: ${[...path, sourceProfile].join(" → ")}`,
    );
  }
  if (path.length >= SOURCE_PROFILES_MAX) {
    throw invalid(profile, `more than ${SOURCE_PROFILES_MAX} source profiles follow each other`);
  }
  const next: ChainContext = { ...context, profile: sourceProfile, profileNamed: true };
  if (!ownKeys && assumesRole(context, sourceProfile)) {
    const { credentials } = await assumeRoleOf(next, resolveProfile, [...path, sourceProfile]);
    return credentials;
  }
  const given = await resolveProfile(next);
  if (typeof given === "string") {
    throw invalid(profile, `its source_profile "${sourceProfile}" has no credentials`);
  }
  return given.credentials;
}

async function namedSource(context: ChainContext, name: string): Promise<Credentials> {
  const { profile } = context;
  const provider = NAMED_SOURCES.get(name.toLowerCase());
  if (provider === undefined) {
    throw invalid(
      profile,
      `its credential_source "${name}" is none of Environment, EcsContainer, Ec2InstanceMetadata`,
    );
  }
  let given: Provided | string;
  try {
    given = await provider(context);
  } catch (error) {
    if (!(error instanceof CredentialsError)) throw error;
    throw invalid(profile, `its credential_source "${name}" failed: ${error.message}`, error);
  }
  if (typeof given === "string") {
    throw invalid(profile, `its credential_source "${name}" has no credentials: ${given}`);
  }
  return given.credentials;
}

async function mfaCode(context: ChainContext, serialNumber: string): Promise<string> {
  if (context.mfaCode === undefined) {
    throw invalid(
      context.profile,
      `its role wants a code of the MFA device "${serialNumber}"; give the option "mfaCode"`,
    );
  }
  return context.mfaCode(serialNumber);
}

function durationSeconds({ files, profile }: ChainContext): number | undefined {
  const text = profileSetting(files, profile, "duration_seconds");
  if (text === undefined) return undefined;
  if (!/^\d{1,9}$/.test(text)) {
    throw invalid(profile, `its duration_seconds "${text}" is no whole number`);
  }
  return Number(text);
}

function assumesRole({ files }: ChainContext, profile: string): boolean {
  return (
    profileSetting(files, profile, "role_arn") !== undefined &&
    profileSetting(files, profile, "web_identity_token_file") === undefined
  );
}

function hasKeys({ files }: ChainContext, profile: string): boolean {
  return (
    profileSetting(files, profile, "aws_access_key_id") !== undefined ||
    profileSetting(files, profile, "aws_secret_access_key") !== undefined
  );
}

function invalid(profile: string, reason: string, cause?: unknown): CredentialsError {
  return providerError(PROVIDER, `Cannot use profile "${profile}": ${reason}`, cause);
}
