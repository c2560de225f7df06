import { CredentialsError, type ProviderReport } from "../client/errors.ts";
import {
  configurationPaths,
  profileName,
  readSharedConfiguration,
} from "../configuration/shared-configuration.ts";
import { assumeRoleCredentials } from "./assume-role.ts";
import { containerCredentials } from "./container-credentials.ts";
import { environmentCredentials } from "./environment-credentials.ts";
import { instanceMetadataCredentials } from "./instance-metadata.ts";
import { loginCredentials } from "./login-credentials.ts";
import { processCredentials } from "./process-credentials.ts";
import { profileKeys } from "./profile-keys.ts";
import type { ChainContext, ChainProvider, CredentialSourceOptions, Provided } from "./provider.ts";
import { systemClock } from "./provider.ts";
import { ssoCredentials } from "./sso-credentials.ts";
import { webIdentityCredentials } from "./web-identity.ts";

/** A provider and its name in reports. */
type Link = readonly [name: string, provider: ChainProvider];

/** Where STS is asked when nothing says another region, as by AWS's other SDKs. */
const DEFAULT_STS_REGION = "us-east-1";

/** What a profile can give of its own, in BC's order. */
const PROFILE_LINKS: readonly Link[] = [
  ["web-identity", webIdentityCredentials],
  ["sso", ssoCredentials],
  ["credentials-file", credentialsFileKeys],
  ["login", (context) => loginCredentials(context)],
  ["process", processCredentials],
  ["config-file", configFileKeys],
];

/** What is tried at last; these may fail, since they depend on the machine and not on a choice. */
const MACHINE_LINKS: readonly Link[] = [
  ["container", containerCredentials],
  ["instance-metadata", instanceMetadataCredentials],
];

/**
 * Looks for credentials in the order of spec §10 (which is BC's). A provider that does not apply is
 * skipped; one that applies and fails ends the search, except container and instance metadata.
 * @throws CredentialsError with what each provider said.
 * @throws ConfigurationError for a profile that does not exist or a file that cannot be read.
 */
export async function resolveChain(options: CredentialSourceOptions): Promise<Provided> {
  const reports: ProviderReport[] = [];
  if (!options.profile) {
    const given = environmentCredentials(options.environment);
    if (given !== undefined) return given;
    reports.push({ provider: "environment", message: "AWS_ACCESS_KEY_ID is not set" });
  }
  const context = await chainContext(options);
  const given =
    (await firstOf([["assume-role", assumeRole], ...PROFILE_LINKS], context, reports)) ??
    (await firstOf(MACHINE_LINKS, context, reports, true));
  if (given !== undefined) return given;
  const said = reports.map(({ provider, message }) => `${provider}: ${message}`).join("; ");
  throw new CredentialsError(
    'Cannot find credentials; give the option "credentials", set AWS_ACCESS_KEY_ID and ' +
      `AWS_SECRET_ACCESS_KEY, or configure a profile (${said})`,
    reports,
  );
}

async function chainContext(options: CredentialSourceOptions): Promise<ChainContext> {
  const { environment, callOperation, mfaCode, logger, clock = systemClock } = options;
  const profile = profileName(options, environment);
  const paths = configurationPaths(options, environment);
  const files = await (options.loadFiles?.() ?? readSharedConfiguration(paths, { refresh: true }));
  const settings = files.profile(profile);
  const region =
    options.region ??
    (environment["AWS_REGION"]?.trim() ||
      environment["AWS_DEFAULT_REGION"]?.trim() ||
      settings.get("region") ||
      DEFAULT_STS_REGION);
  const profileNamed = Boolean(options.profile);
  const { configFile, credentialsFile } = options;
  return {
    session: { environment, profile: options.profile, configFile, credentialsFile },
    environment,
    profile,
    profileNamed,
    files,
    region,
    callOperation,
    mfaCode,
    logger,
    clock,
  };
}

async function firstOf(
  links: readonly Link[],
  context: ChainContext,
  reports: ProviderReport[],
  mayFail = false,
): Promise<Provided | undefined> {
  for (const [name, provider] of links) {
    try {
      const given = await provider(context);
      if (typeof given !== "string") return given;
      reports.push({ provider: name, message: given });
    } catch (error) {
      if (!mayFail || !(error instanceof CredentialsError)) throw error;
      reports.push({ provider: name, message: error.message });
    }
  }
  return undefined;
}

function assumeRole(context: ChainContext): Promise<Provided | string> {
  return assumeRoleCredentials(context, async (source) => {
    return (await firstOf(PROFILE_LINKS, source, [])) ?? "none of its settings gives credentials";
  });
}

function credentialsFileKeys({ files, profile }: ChainContext): Promise<Provided | string> {
  const section = files.credentials.profiles.get(profile);
  const place = { provider: "credentials-file", profile, file: "the credentials file" };
  const none = `the credentials file has no keys for profile "${profile}"`;
  return Promise.resolve(profileKeys(section, place) ?? none);
}

function configFileKeys({ files, profile }: ChainContext): Promise<Provided | string> {
  const section = files.config.profiles.get(profile);
  const place = { provider: "config-file", profile, file: "the config file" };
  const none = `the config file has no keys for profile "${profile}"`;
  return Promise.resolve(profileKeys(section, place) ?? none);
}
