import type { Environment, SharedConfiguration } from "../configuration/shared-configuration.ts";
import type { CredentialProvider, Credentials } from "./credentials.ts";

/** What one provider of the chain gives. */
export interface Provided {
  /** Checked and frozen (`resolvedCredentials`). */
  readonly credentials: Credentials;
  /** The provider, as errors and warnings name it: `environment`, `assume-role`. */
  readonly provider: string;
  /** The instance metadata service hands out keys that have ended: use them on (static stability). */
  readonly extended?: boolean | undefined;
}

/** Time and chance, so that tests bring their own. */
export interface CredentialClock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Resolves after `ms` milliseconds. */
  sleep(ms: number): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}

/** The machine's own time. */
export const systemClock: CredentialClock = {
  now: Date.now,
  sleep: (ms) => new Promise((resolve) => void setTimeout(resolve, ms)),
  random: Math.random,
};

/** Where a warning goes. */
export interface CredentialLogger {
  warn(message: string): void;
}

/**
 * Calls one operation of an AWS service; the session gives it, so that this folder needs no client.
 * Sessions that pass the same function (not equal ones) share their resolved credentials: give one
 * that depends on nothing of the session.
 * @param service botocore's name: `sts`, `sso`, `sso-oidc`.
 * @param operation the model's name: `AssumeRole`.
 */
export type CallOperation = (
  service: string,
  operation: string,
  input: Readonly<Record<string, unknown>>,
  options: CallOperationOptions,
) => Promise<Record<string, unknown>>;

/** How `CallOperation` calls. */
export interface CallOperationOptions {
  readonly region: string;
  /** `false`: not signed. */
  readonly credentials: Credentials | false;
  /** Where the session's configuration is: it can name another endpoint of STS, or FIPS. */
  readonly session: SessionPlace;
}

/** Where a session's configuration is found. */
export interface SessionPlace {
  /** `process.env`, or what a test puts in its place. */
  readonly environment: Environment;
  /** Profile named in code. It makes the chain skip the environment's keys. */
  readonly profile?: string | undefined;
  /** Path in place of `AWS_CONFIG_FILE` and `~/.aws/config`. */
  readonly configFile?: string | undefined;
  /** Path in place of `AWS_SHARED_CREDENTIALS_FILE` and `~/.aws/credentials`. */
  readonly credentialsFile?: string | undefined;
}

/** What decides where credentials come from, and with what they are fetched. */
export interface CredentialSourceOptions extends SessionPlace {
  /** The option `credentials`, if given: keys, or a function that fetches them. */
  readonly credentials?: Credentials | CredentialProvider | undefined;
  /** Region for STS; absent: the environment's, the profile's, else `us-east-1`. */
  readonly region?: string | undefined;
  readonly callOperation: CallOperation;
  /** Reads the two profile files; default: `readSharedConfiguration` with a look for changes. */
  readonly loadFiles?: (() => Promise<SharedConfiguration>) | undefined;
  /** Gives the code of an MFA device for a role that wants one; called at each refresh. */
  readonly mfaCode?: ((serialNumber: string) => Promise<string>) | undefined;
  readonly logger?: CredentialLogger | undefined;
  /** Default: the machine's. */
  readonly clock?: CredentialClock | undefined;
}

/** The two profile files, as they are now, and where they are. */
export type ProfileFiles = Pick<SharedConfiguration, "config" | "credentials" | "paths">;

/** What the providers of the chain work with. */
export interface ChainContext {
  readonly session: SessionPlace;
  readonly environment: Environment;
  /** The profile whose credentials are looked for. */
  readonly profile: string;
  /** The profile was named in code, or by another profile: the environment's keys do not count. */
  readonly profileNamed: boolean;
  readonly files: ProfileFiles;
  /** Region for STS. */
  readonly region: string;
  readonly callOperation: CallOperation;
  readonly mfaCode: ((serialNumber: string) => Promise<string>) | undefined;
  readonly logger: CredentialLogger | undefined;
  readonly clock: CredentialClock;
}

/**
 * A provider of the chain.
 * @returns why it does not apply, if it does not: `AWS_ACCESS_KEY_ID is not set`.
 * @throws CredentialsError when it applies and fails.
 */
export type ChainProvider = (context: ChainContext) => Promise<Provided | string>;
