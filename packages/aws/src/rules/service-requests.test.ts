import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import type { ServiceError } from "../client/errors.ts";
import { clientOf, startServer } from "./scripted-server-fixture.test.ts";

describe("apiGatewayRules", () => {
  test("ask for plain JSON", async (t) => {
    const server = await startServer(t, () => ({ body: "{}" }));
    const client = clientOf(t, "apigateway", server);
    await client.call("GetRestApis", {});
    assert.equal(server.requests[0]?.headers["accept"], "application/json");
    await client.call("GetExport", {
      restApiId: "a",
      stageName: "s",
      exportType: "swagger",
      accepts: "application/yaml",
    });
    assert.equal(server.requests[1]?.headers["accept"], "application/yaml");
  });
});

const ids: [operation: string, input: object, path: string][] = [
  ["GetHostedZone", { Id: "/hostedzone/Z1" }, "/2013-04-01/hostedzone/Z1"],
  ["GetHostedZone", { Id: "hostedzone/Z1" }, "/2013-04-01/hostedzone/Z1"],
  ["GetHostedZone", { Id: "Z1" }, "/2013-04-01/hostedzone/Z1"],
  ["GetChange", { Id: "/change/C1" }, "/2013-04-01/change/C1"],
  ["ListResourceRecordSets", { HostedZoneId: "/hostedzone/Z1" }, "/2013-04-01/hostedzone/Z1/rrset"],
  ["GetReusableDelegationSet", { Id: "/delegationset/N1" }, "/2013-04-01/delegationset/N1"],
  ["GetTrafficPolicy", { Id: "other/1", Version: 1 }, "/2013-04-01/trafficpolicy/other%2F1/1"],
];

describe("route53Rules", () => {
  for (const [operation, input, path] of ids) {
    test(`${operation} with ${JSON.stringify(input)}`, async (t) => {
      const server = await startServer(t, () => ({ status: 404 }));
      await clientOf(t, "route53", server)
        .call(operation, { ...input })
        .catch(() => undefined);
      assert.equal(server.requests[0]?.path, path);
    });
  }
});

test("machineLearningRules send predictions to the endpoint of the input", async (t) => {
  const server = await startServer(t, () => ({ body: "{}" }));
  const client = clientOf(t, "machinelearning", server);
  const PredictEndpoint = "https://realtime.machinelearning.us-east-1.amazonaws.com";
  await client.call("Predict", { MLModelId: "m", Record: {}, PredictEndpoint });
  await client.call("GetMLModel", { MLModelId: "m" });
  assert.deepEqual(
    server.requests.map(({ host, path }) => host + path),
    [
      "realtime.machinelearning.us-east-1.amazonaws.com/",
      "machinelearning.us-east-1.amazonaws.com/",
    ],
  );
  assert.match(server.requests[0]?.headers["authorization"] ?? "", /SignedHeaders=.*host/);
});

test("cloudSearchDomainRules send a search's query in the body", async (t) => {
  const server = await startServer(t, () => ({ body: "{}" }));
  await clientOf(t, "cloudsearchdomain", server).call("Search", { query: "a b&c", size: 2 });
  const [request] = server.requests;
  assert.equal(request?.method, "POST");
  assert.equal(request.url, "/2013-01-01/search");
  assert.equal(String(request.body), "format=sdk&pretty=true&q=a%20b%26c&size=2");
  assert.equal(request.headers["content-type"], "application/x-www-form-urlencoded");
});

test("s3ControlRules put the account before the host once", async (t) => {
  const server = await startServer(t, () => ({ body: "<ListJobsResult/>" }));
  await clientOf(t, "s3control", server).call("ListJobs", { AccountId: "123456789012" });
  assert.equal(server.requests[0]?.host, "123456789012.s3-control.us-east-1.amazonaws.com");
  assert.equal(server.requests[0].headers["x-amz-account-id"], "123456789012");
});

const unsigned: [service: string, operation: string, input: object][] = [
  [
    "sts",
    "AssumeRoleWithWebIdentity",
    { RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "s", WebIdentityToken: "t" },
  ],
  [
    "sts",
    "AssumeRoleWithSAML",
    {
      RoleArn: "arn:aws:iam::123456789012:role/r",
      PrincipalArn: "arn:aws:iam::123456789012:saml/p",
      SAMLAssertion: "YQ==",
    },
  ],
  ["cognito-identity", "GetId", { IdentityPoolId: "us-east-1:p" }],
  ["cognito-identity", "GetOpenIdToken", { IdentityId: "us-east-1:i" }],
  ["cognito-identity", "GetCredentialsForIdentity", { IdentityId: "us-east-1:i" }],
  [
    "cognito-identity",
    "UnlinkIdentity",
    { IdentityId: "us-east-1:i", Logins: {}, LoginsToRemove: [] },
  ],
  ["sso", "GetRoleCredentials", { roleName: "r", accountId: "1", accessToken: "t" }],
  ["sso", "ListAccounts", { accessToken: "t" }],
  ["sso-oidc", "CreateToken", { clientId: "c", clientSecret: "s", grantType: "g" }],
];

describe("operations without a signature", () => {
  for (const [service, operation, input] of unsigned) {
    test(`${service} ${operation}`, async (t) => {
      const server = await startServer(t, () => ({ status: 400 }));
      await clientOf(t, service, server)
        .call(operation, { ...input })
        .catch(() => undefined);
      assert.equal(server.requests.length, 1);
      assert.equal(server.requests[0]?.headers["authorization"], undefined);
    });
  }

  test("sts AssumeRole has one", async (t) => {
    const server = await startServer(t, () => ({ status: 400 }));
    const input = { RoleArn: "arn:aws:iam::123456789012:role/r", RoleSessionName: "s" };
    await clientOf(t, "sts", server)
      .call("AssumeRole", input)
      .catch(() => undefined);
    assert.match(server.requests[0]?.headers["authorization"] ?? "", /^AWS4-HMAC-SHA256 /);
  });
});

describe("lambda Invoke", () => {
  const payloads: [string, unknown, string][] = [
    ["text", '{"a":"ü"}', '{"a":"ü"}'],
    ["bytes", Buffer.from([0, 255]), "\u0000\ufffd"],
    ["nothing", undefined, ""],
  ];
  for (const [name, Payload, body] of payloads) {
    test(`sends a payload as it is: ${name}`, async (t) => {
      const server = await startServer(t, () => ({ body: "[1]" }));
      const output = await clientOf(t, "lambda", server).call("Invoke", {
        FunctionName: "f",
        Payload,
      });
      assert.equal(String(server.requests[0]?.body), body);
      assert.equal(String(output["Payload"]), "[1]");
      assert.equal(output["StatusCode"], 200);
    });
  }

  test("gives a function's error as data (CL-3)", async (t) => {
    const headers = { "x-amz-function-error": "Unhandled" };
    const server = await startServer(t, () => ({ headers, body: '{"errorType":"E"}' }));
    const output = await clientOf(t, "lambda", server).call("Invoke", { FunctionName: "f" });
    assert.equal(output["FunctionError"], "Unhandled");
    assert.equal(server.requests.length, 1);
  });

  test("does not retry what is wrong with the request (CL-3)", async (t) => {
    const headers = { "x-amzn-errortype": "ResourceNotFoundException:http://x/" };
    const server = await startServer(t, () => ({ status: 404, headers, body: '{"Message":"no"}' }));
    const call = clientOf(t, "lambda", server).call("Invoke", { FunctionName: "f" });
    await assert.rejects(call, (error: ServiceError) => error.name === "ResourceNotFoundException");
    assert.equal(server.requests.length, 1);
  });
});

describe("glacierRules", () => {
  test("send version and the caller's own account", async (t) => {
    const server = await startServer(t, () => ({ body: "{}" }));
    const client = clientOf(t, "glacier", server);
    await client.call("ListVaults", {});
    await client.call("ListVaults", { accountId: "123456789012" });
    assert.deepEqual(
      server.requests.map(({ path }) => path),
      ["/-/vaults", "/123456789012/vaults"],
    );
    assert.equal(server.requests[0]?.headers["x-amz-glacier-version"], "2012-06-01");
  });

  const large = Buffer.alloc(2.5 * 1024 * 1024, "ab");
  // Of botocore's `calculate_tree_hash`.
  const trees: [name: string, body: unknown, bytes: Buffer, tree: string][] = [
    [
      "text",
      "hello world",
      Buffer.from("hello world"),
      "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9",
    ],
    [
      "three chunks",
      large,
      large,
      "b33818268a5ac4299b8c53f9fed93b86514223a2f509bbebb2026fb52a9b6389",
    ],
    [
      "a function that opens a stream",
      () => [large.subarray(0, 5), large.subarray(5)],
      large,
      "b33818268a5ac4299b8c53f9fed93b86514223a2f509bbebb2026fb52a9b6389",
    ],
    [
      "a Blob",
      new Blob([large]),
      large,
      "b33818268a5ac4299b8c53f9fed93b86514223a2f509bbebb2026fb52a9b6389",
    ],
  ];
  for (const [name, body, bytes, tree] of trees) {
    test(`send the hashes of an archive: ${name}`, async (t) => {
      const server = await startServer(t, () => ({ status: 201 }));
      await clientOf(t, "glacier", server).call("UploadArchive", { vaultName: "v", body });
      const [request] = server.requests;
      assert.ok(request !== undefined && request.body.equals(bytes));
      assert.equal(request.headers["x-amz-sha256-tree-hash"], tree);
      assert.equal(
        request.headers["x-amz-content-sha256"],
        createHash("sha256").update(bytes).digest("hex"),
      );
    });
  }

  test("leave a tree hash of the caller's alone", async (t) => {
    const server = await startServer(t, () => ({ status: 201 }));
    const input = { vaultName: "v", body: "x", checksum: "given" };
    await clientOf(t, "glacier", server).call("UploadArchive", input);
    assert.equal(server.requests[0]?.headers["x-amz-sha256-tree-hash"], "given");
  });

  test("refuse a stream that can be read only once", async (t) => {
    const server = await startServer(t, []);
    const body = new ReadableStream();
    const call = clientOf(t, "glacier", server).call("UploadArchive", { vaultName: "v", body });
    await assert.rejects(call, {
      name: "ParamValidationError",
      message: /body: a stream can be read only once/,
    });
  });
});
