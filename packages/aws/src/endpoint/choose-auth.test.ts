import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigurationError, EndpointError } from "../client/errors.ts";
import type { OperationModel, ServiceMetadata } from "../model/model.ts";
import { type AuthChoice, type AuthSettings, chooseAuth } from "./choose-auth.ts";
import type { EndpointAuth } from "./endpoint.ts";

interface Case {
  readonly service?: Partial<ServiceMetadata>;
  readonly operation?: Partial<OperationModel>;
  readonly endpoint?: EndpointAuth;
  readonly settings?: Partial<AuthSettings>;
}

function choose({ service, operation, endpoint, settings }: Case): AuthChoice {
  const metadata: ServiceMetadata = {
    apiVersion: "1",
    serviceId: "Svc",
    endpointPrefix: "svc",
    signingName: "svc",
    protocols: ["json"],
    ...service,
  };
  const model: OperationModel = {
    name: "Op",
    method: "POST",
    requestUri: "/",
    responseCode: 200,
    errors: [],
    ...operation,
  };
  const place = {
    protocol: "https:",
    host: "h.example",
    port: 443,
    path: "",
    headers: [],
  } as const;
  return chooseAuth(
    metadata,
    model,
    { ...place, auth: endpoint },
    { region: "eu-west-1", ...settings },
  );
}

const usual: AuthChoice = {
  scheme: "sigv4",
  signingName: "svc",
  signingRegion: "eu-west-1",
  disableDoubleEncoding: false,
  unsignedPayload: false,
};
const bearerToo = { auth: ["aws.auth#sigv4", "smithy.api#httpBearerAuth"] };

describe("chooseAuth", () => {
  const cases: readonly (readonly [name: string, given: Case, expected: Partial<AuthChoice>])[] = [
    ["Signature Version 4 by default", {}, {}],
    [
      "none where the operation's authtype says so",
      { operation: { authtype: "none" }, endpoint: { name: "sigv4" } },
      { scheme: "none" },
    ],
    [
      "none where the operation's schemes say so",
      { operation: { auth: ["smithy.api#noAuth"] } },
      { scheme: "none" },
    ],
    [
      "bearer by signatureVersion",
      { service: { signatureVersion: "bearer" } },
      { scheme: "bearer" },
    ],
    [
      "bearer by the model's schemes",
      { service: { auth: ["smithy.api#httpBearerAuth"] } },
      { scheme: "bearer" },
    ],
    [
      "bearer by the operation's authtype",
      { operation: { authtype: "bearer" } },
      { scheme: "bearer" },
    ],
    ["the model's first of two", { service: bearerToo }, {}],
    [
      "the preferred one of two",
      { service: bearerToo, settings: { authSchemePreference: ["httpBearerAuth"] } },
      { scheme: "bearer" },
    ],
    [
      "a preferred token before the rules' signature",
      {
        service: bearerToo,
        endpoint: { name: "sigv4" },
        settings: { authSchemePreference: ["httpBearerAuth"] },
      },
      { scheme: "bearer" },
    ],
    [
      "no preference that the model lacks",
      { settings: { authSchemePreference: ["httpBearerAuth"] } },
      {},
    ],
    [
      "the second where the first is 4a",
      { service: { auth: ["aws.auth#sigv4a", "aws.auth#sigv4"] } },
      {},
    ],
    [
      "the operation's schemes before the service's",
      { service: bearerToo, operation: { auth: ["smithy.api#httpBearerAuth"] } },
      { scheme: "bearer" },
    ],
    [
      "what the rules say",
      {
        endpoint: {
          name: "sigv4-s3express",
          signingName: "s3express",
          signingRegion: "r",
          disableDoubleEncoding: true,
        },
      },
      {
        scheme: "sigv4-s3express",
        signingName: "s3express",
        signingRegion: "r",
        disableDoubleEncoding: true,
      },
    ],
    [
      "no double encoding for S3",
      { service: { signatureVersion: "s3v4" } },
      { disableDoubleEncoding: true },
    ],
    [
      "no payload for v4-unsigned-body",
      { operation: { authtype: "v4-unsigned-body" } },
      { unsignedPayload: true },
    ],
    [
      "no payload for unsignedPayload",
      { operation: { unsignedPayload: true } },
      { unsignedPayload: true },
    ],
    [
      "the rules' region where there is no other",
      { endpoint: { name: "sigv4", signingRegion: "r" }, settings: { region: undefined } },
      { signingRegion: "r" },
    ],
    [
      "no region for tokens",
      { service: { signatureVersion: "bearer" }, settings: { region: undefined } },
      { scheme: "bearer", signingRegion: "" },
    ],
  ];
  for (const [name, given, expected] of cases) {
    it(`chooses ${name}`, () => assert.deepEqual(choose(given), { ...usual, ...expected }));
  }

  const asymmetric: (readonly [string, Parameters<typeof choose>[0], readonly string[]])[] = [
    ["the rules", { endpoint: { name: "sigv4a", signingRegionSet: ["*"] } }, ["*"]],
    ["the client's region", { service: { auth: ["aws.auth#sigv4a"] } }, [usual.signingRegion]],
    [
      "the configuration",
      {
        endpoint: { name: "sigv4a", signingRegionSet: ["*"] },
        settings: { sigv4aSigningRegionSet: ["a", "b"] },
      },
      ["a", "b"],
    ],
    [
      "a preference",
      {
        service: { auth: ["aws.auth#sigv4", "aws.auth#sigv4a"] },
        settings: { authSchemePreference: ["sigv4a"] },
      },
      [usual.signingRegion],
    ],
  ];
  for (const [name, given, signingRegionSet] of asymmetric) {
    it(`chooses Signature Version 4a with the regions of ${name}`, () => {
      assert.deepEqual(choose(given), { ...usual, scheme: "sigv4a", signingRegionSet });
    });
  }

  it("says which scheme is not supported", () => {
    const unknown = { endpoint: { name: "magic" } };
    assert.throws(() => choose(unknown), EndpointError);
    assert.throws(() => choose(unknown), /scheme "magic" is not supported$/);
  });

  it("asks for a region, with the remedies", () => {
    assert.throws(() => choose({ settings: { region: undefined } }), ConfigurationError);
    assert.throws(() => choose({ settings: { region: undefined } }), /option "region".*AWS_REGION/);
  });
});
