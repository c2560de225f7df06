import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import { ConfigurationError } from "../client/errors.ts";
import type { Observation } from "../client/observation.ts";
import type { ServiceModel } from "../model/model.ts";
import type { CompileOptions } from "../protocol/protocol.ts";
import { acquireStorage, type StoreTrust } from "./acquire-storage.ts";
import { StoreEngine } from "./store-engine.ts";

/** What an engine for a store is opened with. */
export interface StoreEngineSeed {
  readonly service: ServiceModel;
  readonly config: ClientConfiguration;
  readonly compileOptions: CompileOptions;
  readonly observer: Observation;
  /** Whose client it is: a store `memory:` without a name belongs to it. */
  readonly owner: object;
  /** What is trusted with TLS. */
  readonly trust?: StoreTrust | undefined;
}

/**
 * Opens the store that a client's endpoint names.
 * @throws ConfigurationError for a service that stores do not have, and for a URL that is wrong.
 */
export async function openStoreEngine({
  service,
  config,
  compileOptions,
  observer,
  owner,
  trust,
}: StoreEngineSeed): Promise<StoreEngine> {
  const url = config.endpoint ?? "";
  if (service.name !== "s3") {
    const scheme = url.slice(0, url.indexOf(":") + 1);
    throw new ConfigurationError(
      `Cannot use the endpoint "${scheme}" for the service "${service.name}": stores of this kind are for S3; give its client an endpoint of its own`,
    );
  }
  const { storage, release } = await acquireStorage(url, owner, trust);
  return new StoreEngine({ service, config, compileOptions, observer, storage, release });
}
