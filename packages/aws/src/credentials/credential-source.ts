import { CredentialsError } from "../client/errors.ts";
import type { CredentialProvider, CredentialSource } from "./credentials.ts";
import { environmentCredentials } from "./environment-credentials.ts";
import { provided } from "./provided.ts";
import type { Environment } from "../configuration/shared-configuration.ts";
import { type CredentialSourceOptions, type Provided, systemClock } from "./provider.ts";
import { RefreshingSource } from "./refreshing-source.ts";
import { resolvedCredentials } from "./resolved-credentials.ts";
import { StaticSource } from "./static-source.ts";

/** Chains that are kept for sessions to come; the longest unused goes first. */
const SHARED_SOURCES_MAX = 64;

/** Sources of functions given as `credentials`, so that clients with the same one share its keys. */
const customSources = new WeakMap<CredentialProvider, CredentialSource>();
/** Sources of the chain by everything that decides what it finds. */
const sharedSources = new Map<string, CredentialSource>();
const identities = new WeakMap<object, number>();
let identitiesGiven = 0;

/**
 * The credentials for a session or client. Reads nothing and starts nothing. Equal options share
 * one source, so that a thousand sessions fetch credentials once.
 * @throws TypeError when `credentials` is an object that is no credentials.
 */
export function credentialSource(options: CredentialSourceOptions): CredentialSource {
  const { credentials, clock = systemClock } = options;
  if (credentials === undefined) return sharedSource(options);
  if (typeof credentials !== "function") {
    return new StaticSource(resolvedCredentials(credentials, 'the option "credentials"'), clock);
  }
  const known = customSources.get(credentials);
  if (known !== undefined) return known;
  const source = new RefreshingSource({
    provide: () => fromFunction(credentials),
    clock,
    logger: options.logger,
  });
  customSources.set(credentials, source);
  return source;
}

function sharedSource(options: CredentialSourceOptions): CredentialSource {
  const key = sourceKey(options);
  const source = sharedSources.get(key) ?? chainSource(options);
  sharedSources.delete(key);
  sharedSources.set(key, source);
  if (sharedSources.size > SHARED_SOURCES_MAX) {
    for (const oldest of sharedSources.keys()) {
      sharedSources.delete(oldest);
      break;
    }
  }
  return source;
}

function chainSource(options: CredentialSourceOptions): CredentialSource {
  const { clock = systemClock, profile, logger } = options;
  // A copy: what the environment says later belongs to another source.
  const environment = { ...options.environment };
  return new RefreshingSource({
    provide: async () => {
      const { resolveChain } = await import("./provider-chain.ts");
      return resolveChain({ ...options, environment, clock });
    },
    immediate: () => (profile ? undefined : environmentNow(environment)),
    clock,
    logger,
  });
}

/** The environment's keys; what is wrong with them, `resolve` says. */
function environmentNow(environment: Environment): Provided | undefined {
  try {
    return environmentCredentials(environment);
  } catch {
    return undefined;
  }
}

async function fromFunction(provider: CredentialProvider): Promise<Provided> {
  const name = 'the function given as "credentials"';
  let value: unknown;
  try {
    value = await provider();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const message = `Cannot get credentials: ${name} failed: ${reason}`;
    throw new CredentialsError(message, [{ provider: "option", message: reason }], error);
  }
  return provided(name, name, value);
}

/** All that decides what the chain finds. It is made of secrets too: it stays in this file. */
function sourceKey(options: CredentialSourceOptions): string {
  const { environment, profile, configFile, credentialsFile, region } = options;
  const parts: unknown[] = [
    profile ?? null,
    configFile ?? null,
    credentialsFile ?? null,
    region ?? null,
  ];
  parts.push(identity(options.callOperation), identity(options.mfaCode));
  parts.push(identity(options.clock), identity(options.logger));
  // All variables: a credential_process sees them too. Those that begin with "_" are said of a
  // process or an invocation (`_`, `_X_AMZN_TRACE_ID`) and change while the credentials stay.
  for (const name of Object.keys(environment).sort()) {
    if (!name.startsWith("_")) parts.push(name, environment[name]);
  }
  return JSON.stringify(parts);
}

/** A number that stands for an object; 0 for none. */
function identity(object: object | null | undefined): number {
  if (object === undefined || object === null) return 0;
  let number = identities.get(object);
  if (number === undefined) {
    identitiesGiven += 1;
    number = identitiesGiven;
    identities.set(object, number);
  }
  return number;
}
