import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { ConfigurationError } from "../client/errors.ts";
import {
  type ClientConfiguration,
  type ConfigurationOptions,
  resolveConfiguration,
} from "./client-configuration.ts";
import { parseProfileFile } from "./profile-file.ts";
import { type Environment, SharedConfiguration } from "./shared-configuration.ts";

interface Given {
  readonly options?: ConfigurationOptions;
  readonly environment?: Environment;
  /** Lines of the profile `default`. */
  readonly profile?: string;
  readonly service?: string;
}

function configure({
  options = {},
  environment = {},
  profile,
  service = "s3",
}: Given): ClientConfiguration {
  const files =
    profile === undefined
      ? undefined
      : new SharedConfiguration(
          { configFile: "/c", credentialsFile: "/d" },
          parseProfileFile(`[default]\n${profile}`, "config", "/c"),
          parseProfileFile("", "credentials", "/d"),
        );
  const metadata = {
    apiVersion: "1",
    serviceId: service === "s3" ? "S3" : "Application Auto Scaling",
    endpointPrefix: service,
    signingName: service,
    protocols: [],
  };
  return resolveConfiguration({ metadata }, options, environment, files);
}

/** Each setting with its three sources, the value each gives, and the default. */
const settings: readonly (readonly [
  member: keyof ClientConfiguration,
  option: readonly [keyof ConfigurationOptions, unknown] | undefined,
  variable: readonly [string, string, unknown] | undefined,
  profile: readonly [string, unknown] | undefined,
  fallback: unknown,
])[] = [
  ["region", ["region", "a-1"], ["AWS_REGION", "b-1", "b-1"], ["region = c-1", "c-1"], undefined],
  ["region", undefined, ["AWS_DEFAULT_REGION", "b-1", "b-1"], ["region = c-1", "c-1"], undefined],
  [
    "useFips",
    ["useFips", false],
    ["AWS_USE_FIPS_ENDPOINT", "TRUE", true],
    ["use_fips_endpoint = true", true],
    false,
  ],
  [
    "useDualstack",
    ["useDualstack", false],
    ["AWS_USE_DUALSTACK_ENDPOINT", "True", true],
    ["use_dualstack_endpoint = true", true],
    false,
  ],
  [
    "accountIdEndpointMode",
    ["accountIdEndpointMode", "required"],
    ["AWS_ACCOUNT_ID_ENDPOINT_MODE", "Disabled", "disabled"],
    ["account_id_endpoint_mode = required", "required"],
    "preferred",
  ],
  ["accountId", ["accountId", "1"], undefined, undefined, undefined],
  [
    "disableHostPrefix",
    ["disableHostPrefix", false],
    ["AWS_DISABLE_HOST_PREFIX_INJECTION", "true", true],
    ["disable_host_prefix_injection = true", true],
    false,
  ],
  [
    "authSchemePreference",
    undefined,
    ["AWS_AUTH_SCHEME_PREFERENCE", "aws.auth#sigv4a, sigv4,", ["sigv4a", "sigv4"]],
    ["auth_scheme_preference = httpBearerAuth", ["httpBearerAuth"]],
    [],
  ],
  [
    "sigv4aSigningRegionSet",
    undefined,
    ["AWS_SIGV4A_SIGNING_REGION_SET", "*", ["*"]],
    ["sigv4a_signing_region_set = a, b", ["a", "b"]],
    undefined,
  ],
  [
    "maxAttempts",
    ["maxAttempts", 7],
    ["AWS_MAX_ATTEMPTS", "8", 8],
    ["max_attempts = 9", 9],
    undefined,
  ],
  [
    "retryMode",
    ["retryMode", "legacy"],
    ["AWS_RETRY_MODE", "ADAPTIVE", "adaptive"],
    ["retry_mode = legacy", "legacy"],
    "standard",
  ],
  [
    "connectTimeout",
    ["connectTimeout", 5],
    ["AWS_DEFAULTS_MODE", "in-region", 1100],
    ["defaults_mode = mobile", 30_000],
    3100,
  ],
  ["timeout", ["timeout", 5], undefined, undefined, undefined],
  ["attemptTimeout", ["attemptTimeout", 5], undefined, undefined, undefined],
  ["bodyTimeout", ["bodyTimeout", 5], undefined, undefined, 60_000],
  ["maxConnections", ["maxConnections", 5], undefined, undefined, 128],
  ["keepAliveTimeout", ["keepAliveTimeout", 0], undefined, undefined, 4000],
  [
    "requestChecksumCalculation",
    ["requestChecksumCalculation", "WHEN_SUPPORTED"],
    ["AWS_REQUEST_CHECKSUM_CALCULATION", "when_required", "WHEN_REQUIRED"],
    ["request_checksum_calculation = When_Required", "WHEN_REQUIRED"],
    "WHEN_SUPPORTED",
  ],
  [
    "responseChecksumValidation",
    ["responseChecksumValidation", "WHEN_SUPPORTED"],
    ["AWS_RESPONSE_CHECKSUM_VALIDATION", "when_required", "WHEN_REQUIRED"],
    ["response_checksum_validation = WHEN_REQUIRED", "WHEN_REQUIRED"],
    "WHEN_SUPPORTED",
  ],
  [
    "requestMinCompressionSizeBytes",
    ["requestMinCompressionSizeBytes", 0],
    ["AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", "1", 1],
    ["request_min_compression_size_bytes = 2", 2],
    10_240,
  ],
  [
    "disableRequestCompression",
    ["disableRequestCompression", false],
    ["AWS_DISABLE_REQUEST_COMPRESSION", "true", true],
    ["disable_request_compression = true", true],
    false,
  ],
  [
    "endpointDiscovery",
    undefined,
    ["AWS_ENDPOINT_DISCOVERY_ENABLED", "true", true],
    ["endpoint_discovery_enabled = auto", undefined],
    undefined,
  ],
  [
    "forcePathStyle",
    ["forcePathStyle", false],
    undefined,
    ["s3 =\n  addressing_style = path", true],
    false,
  ],
  [
    "useAccelerate",
    ["useAccelerate", false],
    undefined,
    ["s3 =\n  use_accelerate_endpoint = true", true],
    false,
  ],
  [
    "payloadSigning",
    ["payloadSigning", false],
    undefined,
    ["s3 =\n  payload_signing_enabled = true", true],
    false,
  ],
  [
    "useArnRegion",
    ["useArnRegion", false],
    ["AWS_S3_USE_ARN_REGION", "true", true],
    ["s3 =\n  use_arn_region = false", false],
    undefined,
  ],
  [
    "useArnRegion",
    ["useArnRegion", false],
    ["AWS_S3_USE_ARN_REGION", "true", true],
    ["s3_use_arn_region = false", false],
    undefined,
  ],
  [
    "useGlobalEndpoint",
    undefined,
    ["AWS_S3_US_EAST_1_REGIONAL_ENDPOINT", "regional", false],
    ["s3 =\n  us_east_1_regional_endpoint = legacy", true],
    false,
  ],
  [
    "useGlobalStsEndpoint",
    undefined,
    ["AWS_STS_REGIONAL_ENDPOINTS", "regional", false],
    ["sts_regional_endpoints = legacy", true],
    false,
  ],
  [
    "disableMultiRegionAccessPoints",
    undefined,
    ["AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS", "false", false],
    ["s3 =\n  s3_disable_multiregion_access_points = true", true],
    undefined,
  ],
  [
    "disableS3ExpressSessionAuth",
    undefined,
    ["AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "false", false],
    ["s3_disable_express_session_auth = true", true],
    undefined,
  ],
  ["followRegionRedirects", ["followRegionRedirects", false], undefined, undefined, true],
  ["bufferBodyBelow", ["bufferBodyBelow", 0], undefined, undefined, 1_048_576],
  ["validate", ["validate", false], undefined, undefined, true],
  ["caFile", undefined, ["AWS_CA_BUNDLE", "/a", "/a"], ["ca_bundle = /b", "/b"], undefined],
  [
    "userAgentAppId",
    ["userAgentAppId", "a"],
    ["AWS_SDK_UA_APP_ID", "b", "b"],
    ["sdk_ua_app_id = c", "c"],
    undefined,
  ],
];

describe("resolveConfiguration", () => {
  for (const [member, option, variable, profile, fallback] of settings) {
    it(`${member}: option, ${variable?.[0] ?? "no variable"}, profile, default`, () => {
      const given: Given = {
        ...(option && { options: { [option[0]]: option[1] } }),
        ...(variable && { environment: { [variable[0]]: variable[1] } }),
        ...(profile && { profile: profile[0] }),
      };
      assert.deepEqual(configure({})[member], fallback);
      if (profile) assert.deepEqual(configure({ profile: profile[0] })[member], profile[1]);
      if (variable) {
        assert.deepEqual(configure({ ...given, options: {} })[member], variable[2]);
      }
      if (option) assert.deepEqual(configure(given)[member], option[1]);
    });
  }

  it("is frozen, and needs no files where options and environment say all", () => {
    const configuration = configure({ options: { region: "eu-west-1" } });
    assert.ok(Object.isFrozen(configuration));
    assert.equal(configuration.profile, "default");
  });

  it("does not take checksums for known on other hosts", () => {
    const other = configure({ options: { endpoint: "http://localhost:9000" } });
    assert.equal(other.requestChecksumCalculation, "WHEN_REQUIRED");
    assert.equal(other.responseChecksumValidation, "WHEN_REQUIRED");
    const own = configure({ options: { endpoint: "https://s3.eu-west-1.amazonaws.com" } });
    assert.equal(own.requestChecksumCalculation, "WHEN_SUPPORTED");
  });

  it("wants a bearer token for Bedrock when one is in the environment", () => {
    const environment = { AWS_BEARER_TOKEN_BEDROCK: "token" };
    const bedrock = configure({ environment, service: "bedrock" });
    assert.deepEqual(bedrock.authSchemePreference, ["httpBearerAuth"]);
    assert.deepEqual(configure({ environment }).authSchemePreference, []);
    const preferred = { ...environment, AWS_AUTH_SCHEME_PREFERENCE: "sigv4" };
    const other = configure({ environment: preferred, service: "bedrock" });
    assert.deepEqual(other.authSchemePreference, ["sigv4"]);
    assert.ok(!JSON.stringify(bedrock).includes("token"));
  });

  it("does not read a file's name where the certificates are given", () => {
    assert.equal(
      configure({ options: { ca: "PEM" }, environment: { AWS_CA_BUNDLE: "/a" } }).caFile,
      undefined,
    );
  });

  for (const [region, expected, fips] of [
    ["fips-us-gov-west-1", "us-gov-west-1", true],
    ["us-gov-west-1-fips", "us-gov-west-1", true],
    ["fips-aws-global", "aws-global", true],
    ["eu-west-1", "eu-west-1", false],
  ] as const) {
    it(`takes the region ${region} for ${expected}, FIPS: ${fips}`, () => {
      const configuration = configure({ options: { region } });
      assert.equal(configuration.region, expected);
      assert.equal(configuration.useFips, fips);
    });
  }

  const errors: readonly (readonly [given: Given, message: RegExp])[] = [
    [
      { options: { region: "a.b" } },
      /^Cannot use "a\.b" of the option "region": a region has letters/,
    ],
    [{ environment: { AWS_REGION: "a/b" } }, /"a\/b" of the variable AWS_REGION: a region/],
    [{ profile: "region = a@b" }, /"a@b" of "region" of the profile "default" in "\/c": a region/],
    [{ options: { region: "fips-" } }, /a region has letters/],
    [
      { options: { region: 1 as never } },
      /Cannot use 1 of the option "region": a region must be text/,
    ],
    [
      { environment: { AWS_USE_FIPS_ENDPOINT: "yes" } },
      /"yes" of the variable AWS_USE_FIPS_ENDPOINT: it must be "true" or "false"$/,
    ],
    [
      { profile: "s3 =\n  use_arn_region = 1" },
      /"1" of "use_arn_region" under "s3" of the profile "default" in "\/c": it must be "true"/,
    ],
    [
      { options: { maxAttempts: 0 } },
      /Cannot use 0 of the option "maxAttempts": it must be a whole number from 1/,
    ],
    [
      { environment: { AWS_MAX_ATTEMPTS: "3.5" } },
      /"3\.5" of the variable AWS_MAX_ATTEMPTS: it must be a whole number/,
    ],
    [
      { profile: "retry_mode = bold" },
      /"bold" of "retry_mode" .*: it must be one of "standard", "adaptive", "legacy"$/,
    ],
    [{ options: { timeout: Number.NaN } }, /Cannot use NaN of the option "timeout"/],
    [
      { options: { userAgentAppId: 1 as never } },
      /Cannot use 1 of the option "userAgentAppId": it must be text/,
    ],
  ];
  for (const [given, message] of errors) {
    it(`refuses ${JSON.stringify(given)}`, () => {
      assert.throws(
        () => configure(given),
        (error: Error) => {
          assert.ok(error instanceof ConfigurationError);
          assert.match(error.message, message);
          return true;
        },
      );
    });
  }

  it("refuses a profile that is not there, once there are files", () => {
    const environment = { AWS_PROFILE: "other" };
    assert.throws(() => configure({ environment, profile: "" }), /profile "other"/);
    assert.equal(configure({ environment }).profile, "other");
  });

  it("gives a configuration or a ConfigurationError for any environment", () => {
    const names = settings.flatMap(([, , variable]) => (variable ? [variable[0]] : []));
    const value = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom("true", "1", "", "http://a", "x"),
    );
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom(...names, "AWS_ENDPOINT_URL"), value),
        (environment) => {
          try {
            assert.match(configure({ environment }).region ?? "x", /^[\w-]+$/);
          } catch (error) {
            assert.ok(error instanceof ConfigurationError, String(error));
          }
        },
      ),
    );
  });
});
