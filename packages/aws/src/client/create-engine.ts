import {
  type ClientConfiguration,
  resolveConfiguration,
} from "../configuration/client-configuration.ts";
import {
  configurationPaths,
  type Environment,
  readSharedConfiguration,
  type SharedConfiguration,
} from "../configuration/shared-configuration.ts";
import { tokenSource } from "../credentials/token-source.ts";
import { credentialSource } from "../credentials/credential-source.ts";
import type { CallOperation } from "../credentials/provider.ts";
import type {
  CredentialProvider,
  Credentials,
  CredentialSource,
} from "../credentials/credentials.ts";
import { Partitions, type PartitionsData } from "../endpoint/partitions.ts";
import { ServiceEndpoints } from "../endpoint/service-endpoints.ts";
import { loadModel, readModelFile } from "../model/load-model.ts";
import type { ServiceModel } from "../model/model.ts";
import { loadProtocol, protocolOf } from "../protocol/compile-operation.ts";
import { createRetryStrategy } from "../retry/retry-strategy.ts";
import { loadRules } from "../rules/load-rules.ts";
import { type AcquiredTransport, acquireTransport } from "../transport/acquire-transport.ts";
import { isStoreUrl } from "../configuration/endpoint-setting.ts";
import { compileOptionsOf } from "./compile-options.ts";
import type { ClientEngine } from "./client-engine.ts";
import { Engine } from "./engine.ts";
import { ConfigurationError } from "./errors.ts";
import type { Observation } from "./observation.ts";
import type { SessionOptions } from "./options.ts";
import { type ClientSeed, ServiceClient } from "./service-client.ts";

let partitions: Partitions | undefined;

/**
 * Puts together what a client's calls need, at its first call: reads the configuration files, loads
 * the code of its protocol, and takes a share of the connections.
 * @throws ConfigurationError
 */
export async function createEngine(
  seed: ClientSeed,
  service: ServiceModel,
  observer: Observation,
): Promise<ClientEngine> {
  let { options } = seed;
  const environment = options.environment ?? process.env;
  // Code is loaded while the file system looks.
  const [files, rules] = await Promise.all([
    readSharedConfiguration(configurationPaths(options, environment)),
    loadRules(service.name),
  ]);
  let config = resolveConfiguration(service, options, environment, files);
  if (config.region === undefined && options.useInstanceRegion === true) {
    options = { ...options, region: await regionOfInstance(environment, files, config.profile) };
    config = resolveConfiguration(service, options, environment, files);
  }
  const { compileOptions, shapesKey } = compileOptionsOf(options, rules);
  if (config.endpoint !== undefined && isStoreUrl(config.endpoint)) {
    const { openStoreEngine } = await import("../object-store/open-store-engine.ts");
    const { owner = seed } = seed;
    const trust = { ca: config.ca, rejectUnauthorized: options.rejectUnauthorized };
    return openStoreEngine({ service, config, compileOptions, observer, owner, trust });
  }
  const protocolName = protocolOf(service.metadata, options.protocol);
  const protocol = await loadProtocol(protocolName);
  const acquired =
    options.transport === undefined
      ? acquireTransport(transportOptionsOf(options, config))
      : undefined;
  partitions ??= new Partitions(JSON.parse(readModelFile("partitions.json")) as PartitionsData);
  return new Engine({
    service,
    options,
    config,
    protocol,
    protocolName,
    compileOptions,
    shapesKey,
    endpoints: new ServiceEndpoints(service, partitions, config),
    credentials: sourceFor(options, environment),
    tokens: tokenSource({
      token: options.token,
      environment,
      signingName: service.metadata.signingName,
      logger: options.logger,
    }),
    retry: createRetryStrategy({
      mode: config.retryMode,
      service: service.name,
      maxAttempts: config.maxAttempts,
      quota: options.retry?.quota,
      baseDelayMs: options.retry?.baseDelay,
      maxDelayMs: options.retry?.maxDelay,
    }),
    rules,
    transport: options.transport ?? (acquired as AcquiredTransport).transport,
    observer,
    release: () => acquired?.release(),
    sourceOf: (credentials) => sourceOf(options, environment, credentials),
  });
}

/** @throws ConfigurationError when the instance metadata service does not say it. */
async function regionOfInstance(
  environment: Environment,
  files: SharedConfiguration,
  profile: string,
): Promise<string> {
  const { instanceRegion } = await import("../credentials/instance-metadata.ts");
  try {
    return await instanceRegion({ environment, files, profile });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new ConfigurationError(`Cannot find the region of the instance: ${reason}`, { cause });
  }
}

/** The credentials that a session's clients sign with. @throws CredentialsError */
export async function sessionCredentials(options: SessionOptions): Promise<Credentials> {
  const environment = options.environment ?? process.env;
  const source = sourceFor(options, environment);
  if (source === undefined) {
    throw new ConfigurationError('There are no credentials: the option "credentials" is false');
  }
  return source.current() ?? (await source.resolve());
}

/** Names of the profiles in the configuration files. */
export async function sessionProfiles(options: SessionOptions): Promise<string[]> {
  const paths = configurationPaths(options, options.environment ?? process.env);
  return (await readSharedConfiguration(paths, { refresh: true })).profiles();
}

/** The source of a session's credentials; `undefined`: requests are not signed. */
function sourceFor(
  options: SessionOptions,
  environment: Environment,
): CredentialSource | undefined {
  const { credentials } = options;
  return credentials === false ? undefined : sourceOf(options, environment, credentials);
}

function sourceOf(
  options: SessionOptions,
  environment: Environment,
  credentials: Credentials | CredentialProvider | undefined,
): CredentialSource {
  return credentialSource({
    credentials,
    environment,
    profile: options.profile,
    configFile: options.configFile,
    credentialsFile: options.credentialsFile,
    region: options.region,
    callOperation,
    mfaCode: options.mfaCode,
    logger: options.logger,
  });
}

/**
 * Calls STS and SSO for the credential chain, with a client that lives as long as the call and is
 * configured from the same place as the session.
 */
const callOperation: CallOperation = async (service, operation, input, options) => {
  const { region, credentials, session } = options;
  const model = loadModel(service);
  const client = new ServiceClient({
    service,
    model,
    options: { ...session, region, credentials },
  });
  try {
    return await client.call(operation, input);
  } finally {
    await client.close();
  }
};

function transportOptionsOf(
  options: SessionOptions,
  config: ClientConfiguration,
): Parameters<typeof acquireTransport>[0] {
  return {
    maxConnections: config.maxConnections,
    connectTimeoutMs: config.connectTimeout,
    keepAliveTimeoutMs: config.keepAliveTimeout,
    proxy: config.proxy,
    ca: config.ca,
    caFile: config.caFile,
    cert: options.cert,
    key: options.key,
    rejectUnauthorized: options.rejectUnauthorized,
  };
}
