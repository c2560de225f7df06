import { loadModel } from "../model/load-model.ts";
import { resolveServiceName, serviceNames } from "../model/service-names.ts";
import { serviceRegions } from "../model/service-regions.ts";
import type { Credentials } from "../credentials/credentials.ts";
import { DynamoDBResource } from "../resource/dynamodb/dynamodb-resource.ts";
import { S3Resource } from "../resource/s3/s3-resource.ts";
import { clientClass } from "./client-class.ts";
import type { AllOptions, Start } from "./concurrent-calls.ts";
import type { ServiceClients, UntypedClient } from "./client-types.ts";
import type { DynamoDBNativeClient } from "./native-client.ts";
import { OpenClients } from "./open-clients.ts";
import type { ClientOptions, NativeValueOptions, SessionOptions } from "./options.ts";

/**
 * Where clients come from: options they share, and nothing else. It reads nothing and opens nothing;
 * models, compiled operations and connections belong to the process, so a session may be made
 * for a single call.
 */
export class Session implements AsyncDisposable {
  readonly #options: SessionOptions;
  readonly #clients = new OpenClients();

  constructor(options: SessionOptions = {}) {
    this.#options = options;
  }

  /**
   * A client of a service, by botocore's name (`s3`, `stepfunctions`) or that of the official
   * JavaScript package (`sfn`). No I/O. Options win over the session's.
   * @throws TypeError that lists the nearest names when there is no such service.
   */
  client(
    service: "dynamodb",
    options: ClientOptions & { readonly nativeValues: true | NativeValueOptions },
  ): DynamoDBNativeClient;
  client<Name extends keyof ServiceClients>(
    service: Name,
    options?: ClientOptions,
  ): ServiceClients[Name];
  client(service: string, options?: ClientOptions): UntypedClient;
  client(service: string, options: ClientOptions = {}): unknown {
    const name = resolveServiceName(service);
    const Client = clientClass(name, () => loadModel(name));
    const client = new Client({
      service: name,
      options: merged(this.#options, present(options)),
      owner: this,
      onClosed: (closed) => this.#clients.delete(closed),
    });
    this.#clients.add(client);
    return client;
  }

  /**
   * A service as resources, as boto3 has them: over a client of its own, made with these options.
   * No I/O.
   * @throws TypeError that lists those there are, for a service without.
   */
  resource(service: "s3", options?: ClientOptions): S3Resource;
  resource(service: "dynamodb", options?: ClientOptions): DynamoDBResource;
  resource(service: string, options?: ClientOptions): unknown {
    switch (service) {
      case "dynamodb":
        return new DynamoDBResource(
          this.client("dynamodb", {
            ...options,
            // Resources have JavaScript's values, whatever the session's clients have.
            nativeValues: options?.nativeValues || this.#options.nativeValues || true,
          }),
        );
      case "s3":
        return new S3Resource(this.client("s3", options));
      default:
        throw new TypeError(
          `Cannot make resources of "${service}": only "s3" and "dynamodb" have them; use client("${service}")`,
        );
    }
  }

  /**
   * Makes many calls of any kind with bounded concurrency (64); results in the order of the calls.
   * The first failure aborts the rest through the signal that each call is given; with `settle: true`
   * every outcome is returned.
   */
  all<T>(
    calls: Iterable<Start<T>> | AsyncIterable<Start<T>>,
    options: AllOptions & { readonly settle: true },
  ): Promise<PromiseSettledResult<T>[]>;
  all<T>(calls: Iterable<Start<T>> | AsyncIterable<Start<T>>, options?: AllOptions): Promise<T[]>;
  async all<T>(
    calls: Iterable<Start<T>> | AsyncIterable<Start<T>>,
    options?: AllOptions,
  ): Promise<T[] | PromiseSettledResult<T>[]> {
    const { startAll } = await import("./concurrent-calls.ts");
    return startAll(calls, options);
  }

  /** The credentials that clients of this session sign with. @throws CredentialsError */
  async credentials(): Promise<Credentials> {
    const { sessionCredentials } = await import("./create-engine.ts");
    return sessionCredentials(this.#options);
  }

  /** Names of all services, as `client` takes them. */
  services(): readonly string[] {
    return serviceNames();
  }

  /** Names of the profiles in the configuration files. */
  async profiles(): Promise<string[]> {
    const { sessionProfiles } = await import("./create-engine.ts");
    return sessionProfiles(this.#options);
  }

  /** Regions in which a service is known to be; of one partition, default `aws`. */
  regions(service: string, partition = "aws"): readonly string[] {
    return serviceRegions(resolveServiceName(service), partition);
  }

  /** Closes every client made from it. */
  async close(): Promise<void> {
    await this.#clients.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** The client's options over the session's; `endpoint` and `endpointUrl` are one option. */
function merged(session: SessionOptions, client: Partial<ClientOptions>): SessionOptions {
  const { endpoint, endpointUrl } = client;
  const url = endpoint ?? endpointUrl;
  return { ...session, ...client, ...(url !== undefined && { endpoint: url }) };
}

/** Without the members that are `undefined`: they say nothing. */
function present<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<T>;
}
