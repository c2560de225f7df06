import { fileStatus, readTextFile } from "../builtin/read-file.ts";
import { ConfigurationError } from "../client/errors.ts";
import {
  type ProfileFile,
  type ProfileFileKind,
  type ProfileSection,
  emptyProfileFile,
  parseProfileFile,
} from "./profile-file.ts";

/** Variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Where the two files are; `undefined`: nowhere, as there is no home directory. */
export interface ConfigurationPaths {
  readonly configFile: string | undefined;
  readonly credentialsFile: string | undefined;
}

/** Options that say where the files are. */
export interface ConfigurationPathOptions {
  readonly configFile?: string | undefined;
  readonly credentialsFile?: string | undefined;
}

/** Option, `AWS_CONFIG_FILE` and `AWS_SHARED_CREDENTIALS_FILE`, then `~/.aws`; `~` is `HOME`, then `USERPROFILE`. */
export function configurationPaths(
  options: ConfigurationPathOptions,
  environment: Environment,
): ConfigurationPaths {
  const home = environment["HOME"] || environment["USERPROFILE"];
  const path = (given: string | undefined, file: string): string | undefined => {
    const wanted = given || (home && `~/.aws/${file}`) || undefined;
    if (wanted === undefined || home === undefined) return wanted;
    return wanted.replace(/^~(?=[/\\]|$)/, () => home.replace(/[/\\]$/, ""));
  };
  return {
    configFile: path(options.configFile || environment["AWS_CONFIG_FILE"], "config"),
    credentialsFile: path(
      options.credentialsFile || environment["AWS_SHARED_CREDENTIALS_FILE"],
      "credentials",
    ),
  };
}

/** Option, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, else `default`. */
export function profileName(
  options: { readonly profile?: string | undefined },
  environment: Environment,
): string {
  const { AWS_PROFILE: profile, AWS_DEFAULT_PROFILE: other } = environment;
  return options.profile || profile || other || "default";
}

/** One profile, of both files; the credentials file wins. */
export class Profile {
  readonly name: string;
  readonly #sections: readonly { readonly path: string; readonly section: ProfileSection }[];

  constructor(name: string, sections: Profile["sections"]) {
    this.name = name;
    this.#sections = sections;
  }

  /** What each file says, the one that wins first. */
  get sections(): readonly { readonly path: string; readonly section: ProfileSection }[] {
    return this.#sections;
  }

  /** A setting, or one of a nested block, with the file that has it. Empty values are none. */
  find(key: string, block?: string): { readonly value: string; readonly path: string } | undefined {
    for (const { path, section } of this.#sections) {
      const values = block === undefined ? section.values : section.blocks.get(block);
      const value = values?.get(key);
      if (value !== undefined && value !== "") return { value, path };
    }
    return undefined;
  }

  /** A setting's value. */
  get(key: string, block?: string): string | undefined {
    return this.find(key, block)?.value;
  }
}

/** What the two shared files say. */
export class SharedConfiguration {
  readonly paths: ConfigurationPaths;
  readonly config: ProfileFile;
  readonly credentials: ProfileFile;

  constructor(paths: ConfigurationPaths, config: ProfileFile, credentials: ProfileFile) {
    this.paths = paths;
    this.config = config;
    this.credentials = credentials;
  }

  /** @throws ConfigurationError when neither file has the profile, unless it is `default`. */
  profile(name: string): Profile {
    const { configFile = "", credentialsFile = "" } = this.paths;
    const sections = [
      { path: credentialsFile, section: this.credentials.profiles.get(name) },
      { path: configFile, section: this.config.profiles.get(name) },
    ].flatMap(({ path, section }) => (section === undefined ? [] : [{ path, section }]));
    if (sections.length > 0 || name === "default") return new Profile(name, sections);
    const known = this.profiles().map((profile) => `"${profile}"`);
    throw new ConfigurationError(
      `Cannot use the profile "${name}": it is neither in "${configFile}" nor in ` +
        `"${credentialsFile}"; there ${known.length === 0 ? "are no profiles" : `is ${known.join(", ")}`}`,
    );
  }

  /** A section `[sso-session name]`. */
  ssoSession(name: string): ProfileSection | undefined {
    return this.config.ssoSessions.get(name);
  }

  /** A section `[services name]`. */
  services(name: string): ProfileSection | undefined {
    return this.config.services.get(name);
  }

  /** Names of the profiles, sorted. */
  profiles(): string[] {
    const names = new Set([...this.config.profiles.keys(), ...this.credentials.profiles.keys()]);
    return [...names].toSorted();
  }
}

/** A file as it was read. */
interface ReadFile {
  /** Of the file then: time of modification, size and inode; empty: it was not there. */
  readonly stamp: string;
  readonly file: ProfileFile;
}

/** Files kept, of both kinds. */
const fileLimit = 256;

const files = new Map<string, Promise<ReadFile>>();

/**
 * Reads the two files, or takes what was read before in this process. Files that are not there are
 * empty.
 *
 * @param refresh Look whether they have changed since.
 * @throws ConfigurationError when a file cannot be read or is malformed.
 */
export async function readSharedConfiguration(
  paths: ConfigurationPaths,
  { refresh = false }: { readonly refresh?: boolean | undefined } = {},
): Promise<SharedConfiguration> {
  const [config, credentials] = await Promise.all([
    take(paths.configFile, "config", refresh),
    take(paths.credentialsFile, "credentials", refresh),
  ]);
  return new SharedConfiguration(paths, config.file, credentials.file);
}

function take(
  path: string | undefined,
  kind: ProfileFileKind,
  refresh: boolean,
): Promise<ReadFile> {
  if (path === undefined) return Promise.resolve({ stamp: "", file: emptyProfileFile });
  const key = `${kind} ${path}`;
  const known = files.get(key);
  if (known !== undefined && !refresh) return known;
  const reading = read(path, kind, known);
  if (files.size >= fileLimit) files.clear();
  files.set(key, reading);
  // A failure is not kept: the next who asks reads again.
  reading.catch(() => {
    if (files.get(key) === reading) files.delete(key);
  });
  return reading;
}

async function read(
  path: string,
  kind: ProfileFileKind,
  known: Promise<ReadFile> | undefined,
): Promise<ReadFile> {
  const before = await known?.catch(() => undefined);
  try {
    const stamp = stampOf(path);
    if (before !== undefined && stamp === before.stamp) return before;
    if (stamp === "") return { stamp, file: emptyProfileFile };
    return { stamp, file: parseProfileFile(await readTextFile(path), kind, path) };
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const code = codeOf(error);
    if (code === "ENOENT") return { stamp: "", file: emptyProfileFile };
    throw new ConfigurationError(
      `Cannot read the profile file "${path}": ${String(code ?? error)}`,
      {
        cause: error,
      },
    );
  }
}

/** Errors of a file that is not there for us: also in the home of another user, which is closed. */
const absent: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "EACCES"]);

/** Changes when the file does; empty: there is none. */
function stampOf(path: string): string {
  try {
    const status = fileStatus(path);
    return status?.isFile() === true ? `${status.mtimeNs} ${status.size} ${status.ino}` : "";
  } catch (error) {
    if (absent.has(codeOf(error))) return "";
    throw error;
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
