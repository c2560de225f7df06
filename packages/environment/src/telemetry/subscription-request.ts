import type { ApiError } from "../http/api-error.ts";
import { parseDestination, type DestinationAddress } from "./destination-address.ts";
import type { EventCategory, EventSchema, SubscriptionApi } from "./event-schema.ts";
import { asObject, quoted } from "./json-value.ts";

/** When a batch is sent. */
export interface Buffering {
  readonly maxItems: number;
  readonly maxBytes: number;
  readonly timeoutMs: number;
}

/** What an extension has subscribed to. */
export interface SubscriptionRequest {
  readonly schema: EventSchema;
  /** As sent, each once. */
  readonly types: readonly EventCategory[];
  readonly destination: DestinationAddress;
  readonly buffering: Buffering;
}

/** Which ports nobody can listen on: the environment's own Runtime API. */
export interface SubscriptionContext {
  readonly runtimeApiPort: number;
}

/** Bounds and defaults: spec telemetry-api §1. */
const bufferingRules: Readonly<
  Record<keyof Buffering, { readonly min: number; readonly max: number; readonly fallback: number }>
> = {
  maxItems: { min: 1_000, max: 10_000, fallback: 10_000 },
  maxBytes: { min: 262_144, max: 1_048_576, fallback: 262_144 },
  timeoutMs: { min: 25, max: 30_000, fallback: 1_000 },
};

const schemas: Readonly<Record<SubscriptionApi, readonly EventSchema[]>> = {
  telemetry: ["2022-07-01", "2022-12-13", "2025-01-29"],
  logs: ["2020-08-15", "2021-03-18"],
};

const categories: readonly EventCategory[] = ["platform", "function", "extension"];

/**
 * The body of `PUT /2022-07-01/telemetry` or `PUT /2020-08-15/logs`, or the refusal with all that is
 * wrong in it. Members that are not known are ignored; `null` is as good as an absent one. Pure.
 *
 * Source: spec telemetry-api §1, §2.
 */
export function parseSubscription(
  api: SubscriptionApi,
  body: string,
  context: SubscriptionContext,
): SubscriptionRequest | ApiError {
  const request = parseObject(body);
  if (request === undefined) return validationError(api, ["body should be a JSON object"]);
  const findings: string[] = [];
  const schema = parseSchema(api, request["schemaVersion"], findings);
  const destination = parseDestination(
    request["destination"],
    { api, runtimeApiPort: context.runtimeApiPort },
    findings,
  );
  const types = parseTypes(request["types"], findings);
  const buffering = parseBuffering(request["buffering"], findings);
  if (schema === undefined || destination === undefined || findings.length > 0) {
    return validationError(api, findings);
  }
  return { schema, types, destination, buffering };
}

/** The 400 of the subscribe calls. */
export function validationError(api: SubscriptionApi, findings: readonly string[]): ApiError {
  const errorType = api === "logs" ? "Logs.ValidationError" : "ValidationError";
  return { status: 400, errorType, errorMessage: findings.join("; ") };
}

function parseObject(body: string): Readonly<Record<string, unknown>> | undefined {
  try {
    return asObject(JSON.parse(body));
  } catch {
    return undefined;
  }
}

function parseSchema(
  api: SubscriptionApi,
  value: unknown,
  findings: string[],
): EventSchema | undefined {
  if (value === undefined || value === null) {
    // The Logs API had no versions at first.
    if (api === "logs") return "2020-08-15";
    findings.push("schemaVersion is not provided");
    return undefined;
  }
  const schema = schemas[api].find((known) => known === value);
  if (schema === undefined) {
    findings.push(
      `schemaVersion should be one of ${schemas[api].join(", ")}: current value is ${quoted(value)}`,
    );
  }
  return schema;
}

function parseTypes(value: unknown, findings: string[]): readonly EventCategory[] {
  if (value !== undefined && value !== null && !Array.isArray(value)) {
    findings.push(`types should be an array: current value is ${quoted(value)}`);
    return [];
  }
  const names: readonly unknown[] = value ?? [];
  if (names.length === 0) findings.push("types should not be empty");
  const unknown = names.find((name) => !categories.some((category) => category === name));
  if (unknown !== undefined) {
    findings.push(
      `types should be any of ${categories.join(", ")}: current value is ${quoted(unknown)}`,
    );
    return [];
  }
  return [...new Set(names as readonly EventCategory[])];
}

function parseBuffering(value: unknown, findings: string[]): Buffering {
  const members = value === undefined || value === null ? {} : asObject(value);
  if (members === undefined) findings.push("buffering should be an object");
  const bounded = (name: keyof Buffering): number => {
    const { min, max, fallback } = bufferingRules[name];
    const number = members?.[name];
    if (number === undefined || number === null) return fallback;
    if (typeof number === "number" && Number.isInteger(number) && number >= min && number <= max) {
      return number;
    }
    findings.push(
      `buffering.${name} should be an integer in ${min}..${max}: current value is ${quoted(number)}`,
    );
    return fallback;
  };
  return {
    maxItems: bounded("maxItems"),
    maxBytes: bounded("maxBytes"),
    timeoutMs: bounded("timeoutMs"),
  };
}
