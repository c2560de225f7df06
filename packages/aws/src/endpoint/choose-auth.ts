import { ConfigurationError, EndpointError } from "../client/errors.ts";
import type { OperationModel, ServiceMetadata } from "../model/model.ts";
import type { Endpoint } from "./endpoint.ts";

/** How a request is signed. */
export interface AuthChoice {
  readonly scheme: "sigv4" | "sigv4a" | "sigv4-s3express" | "bearer" | "none";
  readonly signingName: string;
  /** Empty where nothing is signed with a region. */
  readonly signingRegion: string;
  /** Regions for which `sigv4a` signs; absent for the other schemes. */
  readonly signingRegionSet?: readonly string[] | undefined;
  /** The path is signed as it is sent: S3. Else it is encoded once more. */
  readonly disableDoubleEncoding: boolean;
  /** The body is not part of the signature. */
  readonly unsignedPayload: boolean;
}

/** What the configuration says of signing. */
export interface AuthSettings {
  /** The client's region; a pseudo region (`aws-global`) is replaced before. */
  readonly region: string | undefined;
  /** Names of schemes without prefix (`sigv4`, `httpBearerAuth`), the most wanted first. */
  readonly authSchemePreference?: readonly string[] | undefined;
  /** Regions for which `sigv4a` signs, in place of those of the endpoint rules. */
  readonly sigv4aSigningRegionSet?: readonly string[] | undefined;
}

/** Smithy's names of schemes, and ours. */
const schemes: ReadonlyMap<string, AuthChoice["scheme"]> = new Map([
  ["sigv4", "sigv4"],
  ["httpBearerAuth", "bearer"],
  ["bearer", "bearer"],
  ["noAuth", "none"],
]);

/**
 * Chooses how an operation's requests are signed: the operation's own wish for none, a preferred
 * scheme that the model has, the endpoint rules, the model. Signature Version 4a, which costs more,
 * only where it is preferred or nothing else will do.
 *
 * @throws EndpointError when the rules ask for a scheme that is not known.
 * @throws ConfigurationError when a region is needed and there is none.
 */
export function chooseAuth(
  service: ServiceMetadata,
  operation: OperationModel,
  endpoint: Endpoint,
  settings: AuthSettings,
): AuthChoice {
  const scheme = chooseScheme(service, operation, endpoint, settings.authSchemePreference ?? []);
  const { auth } = endpoint;
  const signingRegion = auth?.signingRegion ?? settings.region;
  const asymmetric = scheme === "sigv4a";
  const signingRegionSet = asymmetric ? regionSetOf(endpoint, settings) : undefined;
  const signed = asymmetric || scheme === "sigv4" || scheme === "sigv4-s3express";
  if (signed && (signingRegionSet ?? signingRegion) === undefined) {
    throw missingRegion(service.serviceId);
  }
  return {
    scheme,
    signingName: auth?.signingName ?? service.signingName,
    signingRegion: signingRegion ?? "",
    ...(signingRegionSet === undefined ? undefined : { signingRegionSet }),
    disableDoubleEncoding:
      auth?.disableDoubleEncoding ?? service.signatureVersion?.startsWith("s3") ?? false,
    unsignedPayload: operation.unsignedPayload ?? operation.authtype === "v4-unsigned-body",
  };
}

function regionSetOf(
  { auth }: Endpoint,
  { region, sigv4aSigningRegionSet }: AuthSettings,
): readonly string[] | undefined {
  const set = sigv4aSigningRegionSet ?? auth?.signingRegionSet;
  return set ?? (region === undefined ? undefined : [region]);
}

/** The error for a call that needs a region, with its remedies. */
export function missingRegion(serviceId: string): ConfigurationError {
  return new ConfigurationError(
    `Cannot call ${serviceId}: no region is configured; set the option "region", the variable ` +
      `AWS_REGION, or "region" in the profile`,
  );
}

function chooseScheme(
  service: ServiceMetadata,
  operation: OperationModel,
  endpoint: Endpoint,
  preference: readonly string[],
): AuthChoice["scheme"] {
  const modelled = (operation.auth ?? service.auth ?? []).map(withoutPrefix);
  if (operation.authtype === "none" || modelled[0] === "noAuth") return "none";
  // The rules know only ways of signing; a token is the model's matter.
  const wanted = preference.find(
    (name) => modelled.includes(name) && (schemes.has(name) || name === "sigv4a"),
  );
  if (wanted !== undefined && schemes.get(wanted) === "bearer") return "bearer";
  if (wanted === "sigv4a" && endpoint.auth === undefined) return "sigv4a";
  if (endpoint.auth !== undefined) return ruledScheme(endpoint.auth.name, endpoint.host);
  const usable = wanted ?? modelled.find((name) => schemes.has(name));
  if (usable !== undefined) return schemes.get(usable) ?? "sigv4";
  if (modelled.includes("sigv4a")) return "sigv4a";
  const bearer = (operation.authtype ?? service.signatureVersion) === "bearer";
  return bearer ? "bearer" : "sigv4";
}

function ruledScheme(name: string, host: string): AuthChoice["scheme"] {
  switch (name) {
    case "sigv4":
    case "sigv4a":
    case "sigv4-s3express":
    case "bearer":
    case "none":
      return name;
    default: {
      const what = `authentication scheme "${name}"`;
      throw new EndpointError(`Cannot sign requests for "${host}": ${what} is not supported`);
    }
  }
}

/** `aws.auth#sigv4` without its namespace. */
function withoutPrefix(name: string): string {
  return name.slice(name.indexOf("#") + 1);
}
