import type { ClientOptions } from "../client/options.ts";
import { isAwsHost } from "../endpoint/aws-host.ts";
import type { ServiceEndpointSettings } from "../endpoint/service-endpoints.ts";
import type { ServiceModel } from "../model/model.ts";
import type { ProxyOptions } from "../transport/transport.ts";
import { checkOptions } from "./check-options.ts";
import { resolveEndpointUrl } from "./endpoint-setting.ts";
import { resolveProxy } from "./proxy-setting.ts";
import { resolveRegion } from "./region-setting.ts";
import { SettingSource } from "./setting-source.ts";
import { type Environment, type SharedConfiguration, profileName } from "./shared-configuration.ts";

type ChecksumMode = "WHEN_SUPPORTED" | "WHEN_REQUIRED";

/** What a client works by: options, environment and profile together, and our defaults. Times in milliseconds. */
export interface ClientConfiguration extends ServiceEndpointSettings {
  readonly profile: string;
  readonly region: string | undefined;
  /** A URL in place of AWS's, without trailing slash; `redis:`, `file:`, … for stores. */
  readonly endpoint: string | undefined;
  readonly useFips: boolean;
  readonly useDualstack: boolean;
  readonly accountId: string | undefined;
  readonly accountIdEndpointMode: "preferred" | "required" | "disabled";
  readonly disableHostPrefix: boolean;
  /** Names of schemes without prefix, the most wanted first; empty: the model's order. */
  readonly authSchemePreference: readonly string[];
  readonly sigv4aSigningRegionSet: readonly string[] | undefined;
  /** Attempts in all; `undefined`: the retry mode's own number. */
  readonly maxAttempts: number | undefined;
  readonly retryMode: "standard" | "adaptive" | "legacy";
  readonly timeout: number | undefined;
  /** `undefined`: 60,000, and for calls of functions more. */
  readonly attemptTimeout: number | undefined;
  readonly connectTimeout: number;
  readonly bodyTimeout: number;
  readonly maxConnections: number;
  readonly keepAliveTimeout: number;
  readonly requestChecksumCalculation: ChecksumMode;
  readonly responseChecksumValidation: ChecksumMode;
  readonly payloadSigning: boolean;
  /** Bytes. */
  readonly bufferBodyBelow: number;
  readonly forcePathStyle: boolean;
  readonly useAccelerate: boolean;
  readonly followRegionRedirects: boolean;
  readonly requestMinCompressionSizeBytes: number;
  readonly disableRequestCompression: boolean;
  /** `undefined`: only where the model requires it. */
  readonly endpointDiscovery: boolean | undefined;
  readonly validate: boolean;
  readonly proxy: ProxyOptions | undefined;
  /** PEM text of the option `ca`; without it, the file named by `caFile` is to be read. */
  readonly ca: string | undefined;
  readonly caFile: string | undefined;
  readonly userAgentAppId: string | undefined;
}

/** Options that are looked at, with the profile's name. */
export interface ConfigurationOptions extends ClientOptions {
  readonly profile?: string | undefined;
  readonly ignoreConfiguredEndpointUrls?: boolean | undefined;
}

/** Limit of times: what a timer can hold. */
const timeMax = 2 ** 31 - 1;
const checksumModes = ["WHEN_SUPPORTED", "WHEN_REQUIRED"] as const;

/** `connectTimeout` of AWS's defaults modes; without one, that of `standard`. */
const connectTimeouts = {
  legacy: 3100,
  standard: 3100,
  "in-region": 1100,
  "cross-region": 3100,
  mobile: 30_000,
  auto: 3100,
} as const;

/**
 * Puts a client's configuration together: option, environment, profile, default. Pure: the files
 * are read by the caller; without them profiles say nothing.
 *
 * @throws ConfigurationError that names the option, the variable, or the file, profile and key.
 */
export function resolveConfiguration(
  { metadata }: Pick<ServiceModel, "metadata">,
  options: ConfigurationOptions,
  environment: Environment,
  files: SharedConfiguration | undefined,
): ClientConfiguration {
  checkOptions(options);
  const name = profileName(options, environment);
  const profile = files?.profile(name);
  const settings = new SettingSource(options, environment, profile);
  const endpoint = resolveEndpointUrl(metadata.serviceId, settings, files, profile);
  return Object.freeze({
    profile: name,
    endpoint,
    ...endpointSettings(settings, metadata.signingName),
    ...s3Settings(settings),
    ...retrySettings(settings),
    ...limits(settings),
    ...checksumSettings(settings, endpoint),
    ...bodySettings(settings),
    validate: settings.boolean({ option: "validate" }) ?? true,
    proxy: resolveProxy(options.proxy, environment),
    ca: options.ca,
    caFile:
      options.ca === undefined
        ? settings.text({ variable: "AWS_CA_BUNDLE", key: "ca_bundle" })
        : undefined,
    userAgentAppId: settings.text({
      option: "userAgentAppId",
      variable: "AWS_SDK_UA_APP_ID",
      key: "sdk_ua_app_id",
    }),
  });
}

function endpointSettings(
  settings: SettingSource,
  signingName: string,
): Pick<
  ClientConfiguration,
  | "region"
  | "useFips"
  | "useDualstack"
  | "accountId"
  | "accountIdEndpointMode"
  | "disableHostPrefix"
  | "authSchemePreference"
  | "sigv4aSigningRegionSet"
  | "endpointDiscovery"
> {
  const { region, fips } = resolveRegion(settings);
  const fipsSetting = { variable: "AWS_USE_FIPS_ENDPOINT", key: "use_fips_endpoint" };
  const mode = {
    option: "accountIdEndpointMode",
    variable: "AWS_ACCOUNT_ID_ENDPOINT_MODE",
    key: "account_id_endpoint_mode",
  };
  return {
    region,
    useFips: fips || (settings.boolean({ option: "useFips", ...fipsSetting }) ?? false),
    useDualstack:
      settings.boolean({
        option: "useDualstack",
        variable: "AWS_USE_DUALSTACK_ENDPOINT",
        key: "use_dualstack_endpoint",
      }) ?? false,
    accountId: settings.text({ option: "accountId" }),
    accountIdEndpointMode:
      settings.choice(mode, ["preferred", "required", "disabled"]) ?? "preferred",
    disableHostPrefix:
      settings.boolean({
        option: "disableHostPrefix",
        variable: "AWS_DISABLE_HOST_PREFIX_INJECTION",
        key: "disable_host_prefix_injection",
      }) ?? false,
    authSchemePreference: authSchemes(settings, signingName),
    sigv4aSigningRegionSet: settings.list({
      variable: "AWS_SIGV4A_SIGNING_REGION_SET",
      key: "sigv4a_signing_region_set",
    }),
    endpointDiscovery: endpointDiscovery(settings),
  };
}

/** A token that is given says that it is wanted; so does one for Bedrock in the environment. */
function authSchemes(settings: SettingSource, signingName: string): readonly string[] {
  const listed = settings.list({
    variable: "AWS_AUTH_SCHEME_PREFERENCE",
    key: "auth_scheme_preference",
  });
  const names = listed?.map((name) => name.slice(name.indexOf("#") + 1)) ?? [];
  if (names.length === 0 && settings.find({ option: "token" })) return ["httpBearerAuth"];
  if (names.length > 0 || signingName !== "bedrock") return names;
  return settings.find({ variable: "AWS_BEARER_TOKEN_BEDROCK" }) ? ["httpBearerAuth"] : [];
}

function endpointDiscovery(settings: SettingSource): boolean | undefined {
  const names = {
    variable: "AWS_ENDPOINT_DISCOVERY_ENABLED",
    key: "endpoint_discovery_enabled",
  };
  const word = settings.choice(names, ["true", "false", "auto"]);
  return word === undefined || word === "auto" ? undefined : word === "true";
}

function s3Settings(
  settings: SettingSource,
): Pick<
  ClientConfiguration,
  | "forcePathStyle"
  | "useAccelerate"
  | "useArnRegion"
  | "disableMultiRegionAccessPoints"
  | "disableS3ExpressSessionAuth"
  | "useGlobalEndpoint"
  | "useGlobalStsEndpoint"
  | "payloadSigning"
  | "followRegionRedirects"
> {
  const block = "s3";
  const style = settings.choice({ key: "addressing_style", block }, ["auto", "path", "virtual"]);
  const arnRegion = { option: "useArnRegion", variable: "AWS_S3_USE_ARN_REGION" };
  const regional = {
    variable: "AWS_S3_US_EAST_1_REGIONAL_ENDPOINT",
    key: "us_east_1_regional_endpoint",
    block,
  };
  const stsRegional = { variable: "AWS_STS_REGIONAL_ENDPOINTS", key: "sts_regional_endpoints" };
  return {
    forcePathStyle: settings.boolean({ option: "forcePathStyle" }) ?? style === "path",
    useAccelerate:
      settings.boolean({ option: "useAccelerate", key: "use_accelerate_endpoint", block }) ?? false,
    useArnRegion:
      settings.boolean({ ...arnRegion, key: "s3_use_arn_region" }) ??
      settings.boolean({ key: "use_arn_region", block }),
    disableMultiRegionAccessPoints: settings.boolean({
      variable: "AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS",
      key: "s3_disable_multiregion_access_points",
      block,
    }),
    disableS3ExpressSessionAuth: settings.boolean({
      variable: "AWS_S3_DISABLE_EXPRESS_SESSION_AUTH",
      key: "s3_disable_express_session_auth",
    }),
    useGlobalEndpoint: settings.choice(regional, ["regional", "legacy"]) === "legacy",
    useGlobalStsEndpoint: settings.choice(stsRegional, ["regional", "legacy"]) === "legacy",
    payloadSigning:
      settings.boolean({ option: "payloadSigning", key: "payload_signing_enabled", block }) ??
      false,
    followRegionRedirects: settings.boolean({ option: "followRegionRedirects" }) ?? true,
  };
}

function retrySettings(
  settings: SettingSource,
): Pick<ClientConfiguration, "maxAttempts" | "retryMode"> {
  const attempts = { option: "maxAttempts", variable: "AWS_MAX_ATTEMPTS", key: "max_attempts" };
  const mode = { option: "retryMode", variable: "AWS_RETRY_MODE", key: "retry_mode" };
  return {
    maxAttempts: settings.integer(attempts, 1, 1_000_000),
    retryMode: settings.choice(mode, ["standard", "adaptive", "legacy"]) ?? "standard",
  };
}

function limits(
  settings: SettingSource,
): Pick<
  ClientConfiguration,
  | "timeout"
  | "attemptTimeout"
  | "connectTimeout"
  | "bodyTimeout"
  | "maxConnections"
  | "keepAliveTimeout"
> {
  const modes = Object.keys(connectTimeouts) as (keyof typeof connectTimeouts)[];
  const mode = settings.choice({ variable: "AWS_DEFAULTS_MODE", key: "defaults_mode" }, modes);
  const time = (option: string, min: number): number | undefined =>
    settings.integer({ option }, min, timeMax);
  return {
    timeout: time("timeout", 1),
    attemptTimeout: time("attemptTimeout", 1),
    connectTimeout: time("connectTimeout", 1) ?? connectTimeouts[mode ?? "standard"],
    bodyTimeout: time("bodyTimeout", 1) ?? 60_000,
    maxConnections: settings.integer({ option: "maxConnections" }, 1, 1_000_000) ?? 128,
    keepAliveTimeout: time("keepAliveTimeout", 0) ?? 4000,
  };
}

/** Other servers may not know AWS's newer checksums: there they are only sent where they must. */
function checksumSettings(
  settings: SettingSource,
  endpoint: string | undefined,
): Pick<ClientConfiguration, "requestChecksumCalculation" | "responseChecksumValidation"> {
  const host = endpoint === undefined ? undefined : URL.parse(endpoint)?.hostname;
  const usual = host === undefined || isAwsHost(host) ? "WHEN_SUPPORTED" : "WHEN_REQUIRED";
  const request = {
    option: "requestChecksumCalculation",
    variable: "AWS_REQUEST_CHECKSUM_CALCULATION",
    key: "request_checksum_calculation",
  };
  const response = {
    option: "responseChecksumValidation",
    variable: "AWS_RESPONSE_CHECKSUM_VALIDATION",
    key: "response_checksum_validation",
  };
  return {
    requestChecksumCalculation: settings.choice(request, checksumModes) ?? usual,
    responseChecksumValidation: settings.choice(response, checksumModes) ?? usual,
  };
}

function bodySettings(
  settings: SettingSource,
): Pick<
  ClientConfiguration,
  "bufferBodyBelow" | "requestMinCompressionSizeBytes" | "disableRequestCompression"
> {
  const size = {
    option: "requestMinCompressionSizeBytes",
    variable: "AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES",
    key: "request_min_compression_size_bytes",
  };
  const disabled = {
    option: "disableRequestCompression",
    variable: "AWS_DISABLE_REQUEST_COMPRESSION",
    key: "disable_request_compression",
  };
  return {
    bufferBodyBelow:
      settings.integer({ option: "bufferBodyBelow" }, 0, Number.MAX_SAFE_INTEGER) ?? 1_048_576,
    requestMinCompressionSizeBytes: settings.integer(size, 0, 10_485_760) ?? 10_240,
    disableRequestCompression: settings.boolean(disabled) ?? false,
  };
}
