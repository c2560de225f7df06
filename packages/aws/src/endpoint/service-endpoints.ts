import { ConfigurationError, EndpointError } from "../client/errors.ts";
import type { OperationModel, ServiceModel } from "../model/model.ts";
import type { Input } from "../protocol/protocol.ts";
import type { Origin } from "../transport/transport.ts";
import { isAwsHost } from "./aws-host.ts";
import { type AuthChoice, chooseAuth, missingRegion } from "./choose-auth.ts";
import type { Endpoint } from "./endpoint.ts";
import {
  type EndpointParameterPlan,
  type EndpointSettings,
  planEndpointParameters,
} from "./endpoint-parameters.ts";
import type { InputReader } from "./parameter-path.ts";
import type { Partitions } from "./partitions.ts";
import { parseRegion, regionRule } from "./region.ts";
import {
  type CompiledRuleSet,
  type EndpointParameters,
  type EndpointRuleSet,
  compileRuleSet,
} from "./rule-set.ts";
import { toEndpoint } from "./to-endpoint.ts";

/** Where a call goes and how it is signed: frozen, and the same object for the same place. */
export interface EndpointTarget {
  readonly endpoint: Endpoint;
  /** The endpoint for the transport, when the operation has no host prefix. */
  readonly origin: Origin;
  readonly auth: AuthChoice;
  /** It is AWS's own, not another server that a custom endpoint names. */
  readonly isAws: boolean;
}

/** Settings of `ServiceEndpoints`; a resolved configuration fits. */
export interface ServiceEndpointSettings extends EndpointSettings {
  readonly authSchemePreference?: readonly string[] | undefined;
  readonly sigv4aSigningRegionSet?: readonly string[] | undefined;
}

/** Targets that vary with the input are kept up to this number, twice. */
const generationSize = 1000;
/** Accounts whose targets are kept, for each operation. */
const accountLimit = 100;
/** Regions other than the client's, kept. */
const regionLimit = 64;

const compiledRules = new WeakMap<ServiceModel, CompiledRuleSet>();

/** The endpoints of one client: its service's rules with its configuration. */
export class ServiceEndpoints {
  readonly settings: ServiceEndpointSettings;
  readonly #service: ServiceModel;
  readonly #partitions: Partitions;
  readonly #operations = new Map<OperationModel, OperationEndpoint>();
  readonly #regions = new Map<string, ServiceEndpoints>();

  constructor(service: ServiceModel, partitions: Partitions, settings: ServiceEndpointSettings) {
    this.#service = service;
    this.#partitions = partitions;
    this.settings = settings;
  }

  /** The endpoints of one operation; the same object each time. Compiles the rules on first use. */
  operation(operation: OperationModel): OperationEndpoint {
    let endpoint = this.#operations.get(operation);
    if (endpoint === undefined) {
      const rules = rulesOf(this.#service, this.#partitions);
      const plan = planEndpointParameters(this.#service, operation, rules, this.settings);
      endpoint = new OperationEndpoint(plan, (parameters) =>
        this.#target(rules, operation, parameters),
      );
      this.#operations.set(operation, endpoint);
    }
    return endpoint;
  }

  /**
   * The same client's endpoints in another region.
   *
   * @throws ConfigurationError for a region that is not a host label: some come from a response.
   */
  inRegion(region: string): ServiceEndpoints {
    if (region === this.settings.region) return this;
    let endpoints = this.#regions.get(region);
    if (endpoints === undefined) {
      const parsed = parseRegion(region);
      if (parsed === undefined) {
        throw new ConfigurationError(`Cannot use the region "${region}": ${regionRule}`);
      }
      if (this.#regions.size >= regionLimit) this.#regions.clear();
      const useFips = parsed.fips || this.settings.useFips;
      const settings = { ...this.settings, region: parsed.region, useFips };
      endpoints = new ServiceEndpoints(this.#service, this.#partitions, settings);
      this.#regions.set(region, endpoints);
    }
    return endpoints;
  }

  #target(
    rules: CompiledRuleSet,
    operation: OperationModel,
    parameters: EndpointParameters,
  ): EndpointTarget {
    const { region, endpoint: custom, authSchemePreference } = this.settings;
    const { sigv4aSigningRegionSet } = this.settings;
    const { metadata } = this.#service;
    let endpoint;
    try {
      endpoint = toEndpoint(rules.evaluate(parameters), authSchemePreference);
    } catch (error) {
      const unplaced = region === undefined && error instanceof EndpointError;
      throw unplaced && /region/i.test(error.message) ? missingRegion(metadata.serviceId) : error;
    }
    const signingRegion = region === undefined ? undefined : this.#partitions.signingRegion(region);
    const auth = chooseAuth(metadata, operation, endpoint, {
      region: signingRegion,
      authSchemePreference,
      sigv4aSigningRegionSet,
    });
    return Object.freeze({
      endpoint: Object.freeze(endpoint),
      origin: originOf(endpoint),
      auth: Object.freeze(auth),
      isAws: custom === undefined || isAwsHost(endpoint.host),
    });
  }
}

/** The endpoints of one operation of one client. */
export class OperationEndpoint {
  readonly #plan: EndpointParameterPlan;
  readonly #evaluate: (parameters: EndpointParameters) => EndpointTarget;
  /** The one parameter that varies, when it is only one. */
  readonly #only: InputReader | undefined;
  readonly #isConstant: boolean;
  /** Targets by account of the credentials; the one used last at hand. */
  readonly #accounts = new Map<string | undefined, TargetCache>();
  #account: string | undefined;
  #cache: TargetCache = new TargetCache();

  constructor(
    plan: EndpointParameterPlan,
    evaluate: (parameters: EndpointParameters) => EndpointTarget,
  ) {
    const { varying } = plan;
    this.#plan = plan;
    this.#evaluate = evaluate;
    this.#only = varying.length === 1 ? varying[0]?.read : undefined;
    this.#isConstant = varying.length === 0;
    this.#accounts.set(undefined, this.#cache);
  }

  /** The rules look at the account of the credentials: pass it to `resolve`. */
  get usesAccountId(): boolean {
    return this.#plan.accountId !== undefined;
  }

  /**
   * Where the call with this input goes.
   *
   * @param accountId Of the credentials, if `usesAccountId`.
   * @throws EndpointError when the rules refuse it; ConfigurationError when a region is missing.
   */
  resolve(input: Input, accountId?: string): EndpointTarget {
    if (accountId !== this.#account && this.usesAccountId) this.#useAccount(accountId);
    const cache = this.#cache;
    if (this.#isConstant) return (cache.constant ??= this.#find(input));
    let key: string | undefined;
    if (this.#only !== undefined) {
      const value = this.#only(input);
      if (value === undefined || value === null) return (cache.constant ??= this.#find(input));
      if (typeof value === "string") key = value;
    }
    key ??= this.#key(input);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const target = this.#find(input);
    cache.set(key, target);
    return target;
  }

  #useAccount(accountId: string | undefined): void {
    let cache = this.#accounts.get(accountId);
    if (cache === undefined) {
      if (this.#accounts.size >= accountLimit) this.#accounts.clear();
      cache = new TargetCache();
      this.#accounts.set(accountId, cache);
    }
    this.#account = accountId;
    this.#cache = cache;
  }

  /** A text that no other values have. */
  #key(input: Input): string {
    let key = "";
    for (const { read } of this.#plan.varying) {
      const value = read(input);
      key += typeof value === "string" ? `\0s${value.length}:${value}` : `\0${otherKey(value)}`;
    }
    return key;
  }

  #find(input: Input): EndpointTarget {
    const parameters: Record<string, unknown> = { ...this.#plan.constant };
    for (const { name, read } of this.#plan.varying) {
      parameters[name] = read(input) ?? parameters[name];
    }
    if (this.#plan.accountId !== undefined) parameters[this.#plan.accountId] = this.#account;
    return this.#evaluate(parameters);
  }
}

/** Targets by the values that vary, bounded: what is not used again is dropped with its generation. */
class TargetCache {
  /** The target for inputs that leave everything open. */
  constant: EndpointTarget | undefined;
  #targets = new Map<string, EndpointTarget>();
  #older = new Map<string, EndpointTarget>();

  get(key: string): EndpointTarget | undefined {
    const target = this.#targets.get(key);
    if (target !== undefined) return target;
    const older = this.#older.get(key);
    if (older !== undefined) this.set(key, older);
    return older;
  }

  set(key: string, target: EndpointTarget): void {
    if (this.#targets.size >= generationSize) {
      this.#older = this.#targets;
      this.#targets = new Map();
    }
    this.#targets.set(key, target);
  }
}

/** Of what the rules take. Anything else they refuse, so that it is never kept. */
function otherKey(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "boolean") return String(value);
  if (!Array.isArray(value)) return typeof value;
  return value.map((item) => (typeof item === "string" ? `${item.length}:${item}` : "")).join(",");
}

function rulesOf(service: ServiceModel, partitions: Partitions): CompiledRuleSet {
  let rules = compiledRules.get(service);
  if (rules === undefined) {
    rules = compileRuleSet(service.endpointRules as EndpointRuleSet, partitions);
    compiledRules.set(service, rules);
  }
  return rules;
}

/** The origin of an endpoint, for the transport. */
export function originOf({ protocol, host, port }: Endpoint): Origin {
  const name = host.includes(":") ? `[${host}]` : host;
  const isDefault = port === (protocol === "https:" ? 443 : 80);
  return Object.freeze({ protocol, host, port, hostHeader: isDefault ? name : `${name}:${port}` });
}
