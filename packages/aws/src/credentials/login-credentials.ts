import { profileSetting } from "./profile-setting.ts";
import { provided, providerError } from "./provided.ts";
import type { ChainContext, Provided } from "./provider.ts";

const PROVIDER = "login";
const OFFICIAL_PACKAGE = "@aws-sdk/credential-providers";

/** The part of the official package that is used. */
interface OfficialProviders {
  fromLoginCredentials?(options: OfficialOptions): (caller: OfficialCaller) => Promise<unknown>;
}

/** The files are given, since the session's options may name others than the environment. */
interface OfficialOptions {
  readonly profile: string;
  readonly filepath?: string | undefined;
  readonly configFilepath?: string | undefined;
}

interface OfficialCaller {
  readonly callerClientConfig: { region(): Promise<string> };
}

/** Loads the official package; a test gives its own. */
export type LoadOfficial = () => Promise<OfficialProviders>;

/**
 * Credentials of `aws login` (the profile's `login_session`), by AWS's own provider: the package
 * `@aws-sdk/credential-providers` is loaded when a profile needs it.
 * @throws CredentialsError that names the package when it is not installed.
 */
export async function loginCredentials(
  context: ChainContext,
  load: LoadOfficial = loadOfficial,
): Promise<Provided | string> {
  const { files, profile, region } = context;
  if (profileSetting(files, profile, "login_session") === undefined) {
    return `profile "${profile}" has no login_session`;
  }
  const subject = `Cannot use the login_session of profile "${profile}"`;
  let official: OfficialProviders;
  try {
    official = await load();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    const message = `${subject}: it needs the package "${OFFICIAL_PACKAGE}"; install it with "npm install ${OFFICIAL_PACKAGE}"`;
    throw providerError(PROVIDER, message);
  }
  if (official.fromLoginCredentials === undefined) {
    const message = `${subject}: the installed "${OFFICIAL_PACKAGE}" has no fromLoginCredentials; install a newer one`;
    throw providerError(PROVIDER, message);
  }
  let value: unknown;
  try {
    const { credentialsFile: filepath, configFile: configFilepath } = files.paths;
    const provider = official.fromLoginCredentials({ profile, filepath, configFilepath });
    value = await provider({ callerClientConfig: { region: () => Promise.resolve(region) } });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw providerError(PROVIDER, `${subject}: ${reason}`, error);
  }
  return provided(PROVIDER, `the login_session of profile "${profile}"`, value);
}

function loadOfficial(): Promise<OfficialProviders> {
  // Not a literal: bundlers would want an optional package.
  const name: string = OFFICIAL_PACKAGE;
  return import(name) as Promise<OfficialProviders>;
}
