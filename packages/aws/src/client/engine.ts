import { monotonicMs } from "../builtin/monotonic-ms.ts";
import type { Credentials, CredentialSource } from "../credentials/credentials.ts";
import type { ClientConfiguration } from "../configuration/client-configuration.ts";
import type { ServiceEndpoints } from "../endpoint/service-endpoints.ts";
import type { ServiceModel } from "../model/model.ts";
import type { CompileOptions, Input, Output, Protocol } from "../protocol/protocol.ts";
import type { RetryStrategy } from "../retry/retry-strategy.ts";
import type { ServiceRules } from "../rules/service-rules.ts";
import type { Transport } from "../transport/transport.ts";
import { EngineShared } from "./engine-shared.ts";
import { EndpointBinding } from "./bind-endpoint.ts";
import { bindOperation } from "./bind-operation.ts";
import type { BoundOperation } from "./bound-operation.ts";
import { Call } from "./call.ts";
import { checkCallOptions } from "./check-call-options.ts";
import type { Observation } from "./observation.ts";
import type { CallOptions, SessionOptions } from "./options.ts";
import type { ClientEngine } from "./client-engine.ts";
import type { PresignOptions } from "./client-types.ts";
import { presign, presignNow } from "./presign.ts";
import { userAgentOf } from "./signed-request.ts";

/** What an engine is made of. */
export interface EngineParts {
  readonly service: ServiceModel;
  readonly options: SessionOptions;
  readonly config: ClientConfiguration;
  readonly protocol: Protocol;
  readonly protocolName: string;
  readonly compileOptions: CompileOptions;
  /** Names the custom shapes of `compileOptions`; `undefined`: codecs are not shared. */
  readonly shapesKey: string | undefined;
  readonly endpoints: ServiceEndpoints;
  /** `undefined`: requests are not signed. */
  readonly credentials: CredentialSource | undefined;
  /** Bearer tokens, for endpoints that take them. */
  readonly tokens: CredentialSource;
  readonly retry: RetryStrategy;
  readonly rules: ServiceRules | undefined;
  readonly transport: Transport;
  readonly observer: Observation;
  /** Lets the transport go. */
  readonly release: () => void;
  /** The source of other credentials, for calls that bring their own. */
  readonly sourceOf: (
    credentials: Exclude<CallOptions["credentials"], false | undefined>,
  ) => CredentialSource;
}

/** How many variants of a client are kept: other regions, other credentials. */
const variantsMax = 100;

/** Everything that the calls of one client share. */
export class Engine implements ClientEngine {
  readonly parts: EngineParts;
  readonly service: ServiceModel;
  readonly config: ClientConfiguration;
  readonly rules: ServiceRules | undefined;
  readonly retry: RetryStrategy;
  readonly transport: Transport;
  readonly observer: Observation;
  readonly bufferBodyBelow: number;
  readonly bodyTimeoutMs: number;
  readonly userAgent: string;
  /** `amz-sdk-request` of a first attempt. */
  readonly firstAttempt: string;
  /** Inside a Lambda function, calls carry the trace on. */
  readonly inLambda: boolean;
  readonly endpoints: EndpointBinding;
  readonly #operations = new Map<string, BoundOperation>();
  readonly #shared: EngineShared;
  #regions: Map<string, Engine> | undefined;
  #owners: WeakMap<object, Engine> | undefined;
  #unsigned: Engine | undefined;

  constructor(parts: EngineParts, shared: EngineShared = new EngineShared()) {
    this.parts = parts;
    this.service = parts.service;
    this.config = parts.config;
    this.rules = parts.rules;
    this.retry = parts.retry;
    this.transport = parts.transport;
    this.observer = parts.observer;
    this.bufferBodyBelow = parts.config.bufferBodyBelow;
    this.bodyTimeoutMs = parts.config.bodyTimeout;
    this.userAgent = userAgentOf(this, parts.config.userAgentAppId);
    this.firstAttempt = `attempt=1; max=${parts.retry.maxAttempts}`;
    this.inLambda = process.env["AWS_LAMBDA_FUNCTION_NAME"] !== undefined;
    this.endpoints = new EndpointBinding(parts.credentials, parts.config, (origin) =>
      shared.warnOfPlainHttp(parts, origin),
    );
    this.#shared = shared;
  }

  /** Milliseconds that the service's clock is ahead of ours, as far as is known. */
  get clockOffsetMs(): number {
    return this.#shared.clockOffsetMs;
  }

  set clockOffsetMs(offsetMs: number) {
    this.#shared.clockOffsetMs = offsetMs;
  }

  /** Time for the retries: only the adaptive ones look at it, and to read it costs more than they do. */
  retryClock(): number {
    return this.config.retryMode === "adaptive" ? monotonicMs() : 0;
  }

  get observed(): boolean {
    return this.observer.observed;
  }

  get region(): string | undefined {
    return this.config.region;
  }

  get sendsChecksums(): boolean {
    return this.config.requestChecksumCalculation === "WHEN_SUPPORTED";
  }

  /** Calls an operation. */
  call(name: string, input: Input, options?: CallOptions): Promise<Output> {
    return new Promise((resolve) => {
      if (options !== undefined) checkCallOptions(name, options);
      const placed = this.placed(input, options);
      new Call(placed, placed.operation(name), input, options, resolve).start();
    });
  }

  /** The client as a call's options want it, in the region that is known to be its input's. */
  placed(input: Input, options: CallOptions | undefined): Engine {
    const engine = this.variant(options);
    const region = this.rules?.knownRegion?.(input, engine);
    return region === undefined ? engine : engine.inRegion(region);
  }

  /** An operation of this client; compiled when it is first asked for. @throws TypeError */
  operation(name: string): BoundOperation {
    let operation = this.#operations.get(name);
    if (operation === undefined) {
      operation = bindOperation(this, name);
      this.#operations.set(name, operation);
    }
    return operation;
  }

  /** Where a call goes whose input has no say in it. @throws EndpointError */
  defaultEndpoint(): string {
    const { service } = this;
    const plain = service.operationNames
      .map((name) => service.operation(name))
      .find((each) => each?.input?.members.every(({ contextParam }) => contextParam === undefined));
    const operation = plain ?? service.operation(service.operationNames[0] ?? "");
    if (operation === undefined) return "";
    const { origin, endpoint } = this.parts.endpoints.operation(operation).resolve({});
    return `${origin.protocol}//${origin.hostHeader}${endpoint.path}`;
  }

  /** The URL of a call; waits for credentials. */
  presign(operation: string, input: Input, options: PresignOptions): Promise<string> {
    return presign(this, operation, input, options);
  }

  /** The URL of a call. @throws CredentialsError when credentials are not at hand. */
  presignNow(operation: string, input: Input, options: PresignOptions): string {
    return presignNow(this, operation, input, options);
  }

  /** Credentials that can be used without waiting. */
  credentialsNow(): Credentials | undefined {
    return this.parts.credentials?.current();
  }

  /** Whether credentials must be waited for. */
  awaitsCredentials(): boolean {
    const { credentials } = this.parts;
    return credentials !== undefined && credentials.current() === undefined;
  }

  /** The same client in another region. */
  inRegion(region: string): Engine {
    if (region === this.config.region) return this;
    this.#regions ??= new Map();
    let engine = this.#regions.get(region);
    if (engine === undefined) {
      if (this.#regions.size >= variantsMax) this.#regions.clear();
      const endpoints = this.parts.endpoints.inRegion(region);
      const config = { ...this.config, region };
      engine = new Engine({ ...this.parts, config, endpoints }, this.#shared);
      this.#regions.set(region, engine);
    }
    return engine;
  }

  /** The client as a call's own options want it. */
  variant(options: CallOptions | undefined): Engine {
    if (options === undefined) return this;
    const { region, credentials } = options;
    const engine = region === undefined ? this : this.inRegion(region);
    return credentials === undefined ? engine : engine.#withCredentials(credentials);
  }

  #withCredentials(credentials: NonNullable<CallOptions["credentials"]>): Engine {
    if (credentials === false) {
      this.#unsigned ??= new Engine({ ...this.parts, credentials: undefined }, this.#shared);
      return this.#unsigned;
    }
    this.#owners ??= new WeakMap();
    let engine = this.#owners.get(credentials);
    if (engine === undefined) {
      const source = this.parts.sourceOf(credentials);
      engine = new Engine({ ...this.parts, credentials: source }, this.#shared);
      this.#owners.set(credentials, engine);
    }
    return engine;
  }

  began(call: Call): void {
    this.#shared.inFlight.add(call);
  }

  ended(call: Call): void {
    this.#shared.inFlight.delete(call);
  }

  /** Waits for the calls in flight, bodies that stream included, and lets the transport go. */
  async close(errorOf: () => Error): Promise<void> {
    await this.#shared.inFlight.empty(this.bodyTimeoutMs || 60_000, errorOf);
    this.parts.release();
  }

  /** Ends the calls in flight with an error. */
  destroy(error: Error): void {
    this.#shared.inFlight.abort(error);
    this.parts.release();
  }
}
