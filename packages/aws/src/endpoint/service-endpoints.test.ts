import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ConfigurationError, EndpointError } from "../client/errors.ts";
import { loadModel, readModelFile } from "../model/load-model.ts";
import type { OperationModel } from "../model/model.ts";
import { Partitions, type PartitionsData } from "./partitions.ts";
import {
  type EndpointTarget,
  type OperationEndpoint,
  ServiceEndpoints,
  type ServiceEndpointSettings,
} from "./service-endpoints.ts";

const partitions = new Partitions(JSON.parse(readModelFile("partitions.json")) as PartitionsData);

function model(service: string, operation: string): OperationModel {
  const found = loadModel(service).operation(operation);
  assert.ok(found);
  return found;
}

function endpoint(
  name: string,
  settings: Partial<ServiceEndpointSettings> = {},
): OperationEndpoint {
  const [service = "", operation = ""] = name.split(".");
  const full = { region: "eu-west-1", ...settings };
  return new ServiceEndpoints(loadModel(service), partitions, full).operation(
    model(service, operation),
  );
}

function url({ endpoint: { protocol, path }, origin }: EndpointTarget): string {
  return `${protocol}//${origin.hostHeader}${path}`;
}

describe("ServiceEndpoints", () => {
  const local = { endpoint: "http://localhost:9000/base" };
  const cases: readonly (readonly [
    operation: string,
    settings: Partial<ServiceEndpointSettings>,
    input: object,
    expected: string,
  ])[] = [
    [
      "s3.GetObject",
      {},
      { Bucket: "my-bucket", Key: "k" },
      "https://my-bucket.s3.eu-west-1.amazonaws.com",
    ],
    [
      "s3.GetObject",
      {},
      { Bucket: "my.bucket", Key: "k" },
      "https://s3.eu-west-1.amazonaws.com/my.bucket",
    ],
    [
      "s3.GetObject",
      { forcePathStyle: true },
      { Bucket: "b-b" },
      "https://s3.eu-west-1.amazonaws.com/b-b",
    ],
    ["s3.GetObject", local, { Bucket: "my-bucket" }, "http://my-bucket.localhost:9000/base"],
    [
      "s3.GetObject",
      { ...local, forcePathStyle: true },
      { Bucket: "b-b" },
      "http://localhost:9000/base/b-b",
    ],
    [
      "s3.GetObject",
      { endpoint: "http://127.0.0.1:9000" },
      { Bucket: "b-b" },
      "http://127.0.0.1:9000/b-b",
    ],
    ["s3.GetObject", { endpoint: "http://[::1]:9000" }, { Bucket: "b-b" }, "http://[::1]:9000/b-b"],
    ["s3.GetBucketLocation", {}, { Bucket: "b-b" }, "https://s3.eu-west-1.amazonaws.com/b-b"],
    ["s3.ListBuckets", {}, {}, "https://s3.eu-west-1.amazonaws.com"],
    ["s3.ListBuckets", { useDualstack: true }, {}, "https://s3.dualstack.eu-west-1.amazonaws.com"],
    [
      "s3.ListBuckets",
      { useFips: true, region: "us-east-1" },
      {},
      "https://s3-fips.us-east-1.amazonaws.com",
    ],
    ["s3.ListBuckets", { region: "us-east-1" }, {}, "https://s3.us-east-1.amazonaws.com"],
    [
      "s3.ListBuckets",
      { region: "us-east-1", useGlobalEndpoint: true },
      {},
      "https://s3.amazonaws.com",
    ],
    [
      "s3.GetObject",
      { useAccelerate: true },
      { Bucket: "b-b" },
      "https://b-b.s3-accelerate.amazonaws.com",
    ],
    [
      "sts.GetCallerIdentity",
      { region: "us-east-1", useGlobalStsEndpoint: true },
      {},
      "https://sts.amazonaws.com",
    ],
    [
      "sts.GetCallerIdentity",
      { region: "us-east-1", useGlobalEndpoint: true },
      {},
      "https://sts.us-east-1.amazonaws.com",
    ],
    ["iam.ListUsers", {}, {}, "https://iam.amazonaws.com"],
    ["iam.ListUsers", { region: "cn-north-1" }, {}, "https://iam.cn-north-1.amazonaws.com.cn"],
    ["sqs.ListQueues", local, {}, "http://localhost:9000/base"],
    [
      "dynamodb.ListTables",
      { accountId: "123456789012", accountIdEndpointMode: "preferred" },
      {},
      "https://123456789012.ddb.eu-west-1.amazonaws.com",
    ],
    [
      "dynamodb.ListTables",
      { accountId: "123456789012", accountIdEndpointMode: "disabled" },
      {},
      "https://dynamodb.eu-west-1.amazonaws.com",
    ],
  ];
  for (const [operation, settings, input, expected] of cases) {
    it(`${operation} ${JSON.stringify(settings)} goes to ${expected}`, () => {
      assert.equal(url(endpoint(operation, settings).resolve({ ...input })), expected);
    });
  }

  it("says how requests are signed, whether the host is AWS's, and its origin", () => {
    const target = endpoint("iam.ListUsers").resolve({});
    assert.equal(target.auth.signingRegion, "us-east-1");
    assert.equal(target.auth.signingName, "iam");
    assert.equal(target.isAws, true);
    assert.deepEqual(target.origin, {
      protocol: "https:",
      host: "iam.amazonaws.com",
      port: 443,
      hostHeader: "iam.amazonaws.com",
    });
    assert.equal(endpoint("iam.ListUsers", local).resolve({}).isAws, false);
    const other = { endpoint: "https://vpce-1.iam.us-east-1.vpce.amazonaws.com" };
    assert.equal(endpoint("iam.ListUsers", other).resolve({}).isAws, true);
  });

  it("signs for the region behind a pseudo region", () => {
    const target = endpoint("sqs.ListQueues", { region: "aws-global", ...local }).resolve({});
    assert.equal(target.auth.signingRegion, "us-east-1");
  });

  it("takes the account of the credentials, and its absence, as they come", () => {
    const listTables = endpoint("dynamodb.ListTables", { accountIdEndpointMode: "preferred" });
    assert.equal(listTables.usesAccountId, true);
    const host = (account?: string): string => listTables.resolve({}, account).endpoint.host;
    assert.equal(host("111111111111"), "111111111111.ddb.eu-west-1.amazonaws.com");
    assert.equal(host(), "dynamodb.eu-west-1.amazonaws.com");
    assert.equal(host("222222222222"), "222222222222.ddb.eu-west-1.amazonaws.com");
    assert.equal(host("111111111111"), "111111111111.ddb.eu-west-1.amazonaws.com");
  });

  for (const settings of [
    { accountIdEndpointMode: "disabled" },
    { accountId: "1" },
    local,
  ] as const) {
    it(`does not look at the credentials' account with ${JSON.stringify(settings)}`, () => {
      assert.equal(endpoint("dynamodb.ListTables", settings).usesAccountId, false);
    });
  }

  it("gives the same object for the same place", () => {
    const getObject = endpoint("s3.GetObject");
    const first = getObject.resolve({ Bucket: "b-1", Key: "x" });
    assert.equal(getObject.resolve({ Bucket: "b-1", Key: "y" }), first);
    assert.notEqual(getObject.resolve({ Bucket: "b-2", Key: "x" }), first);
    const listQueues = endpoint("sqs.ListQueues");
    assert.equal(listQueues.resolve({}), listQueues.resolve({ QueueNamePrefix: "x" }));
    const batch = endpoint("dynamodb.BatchGetItem");
    const tables = batch.resolve({ RequestItems: { a: {}, b: {} } }, "1");
    assert.equal(batch.resolve({ RequestItems: { a: {}, b: {} } }, "1"), tables);
  });

  it("keeps a bounded number of buckets, those in use among them", () => {
    const getObject = endpoint("s3.GetObject");
    const kept = getObject.resolve({ Bucket: "kept" });
    for (let index = 0; index < 2500; index += 1) {
      getObject.resolve({ Bucket: `bucket-${index}` });
      if (index % 500 === 0) assert.equal(getObject.resolve({ Bucket: "kept" }), kept);
    }
    const first = getObject.resolve({ Bucket: "bucket-0" });
    for (let index = 0; index < 2500; index += 1) getObject.resolve({ Bucket: `other-${index}` });
    assert.notEqual(getObject.resolve({ Bucket: "bucket-0" }), first);
  });

  it("refuses a parameter of the wrong type each time, and what the rules refuse", () => {
    const getObject = endpoint("s3.GetObject");
    for (const Bucket of [1, 1n, {}, [], true, [1]]) {
      for (let time = 0; time < 2; time += 1) {
        assert.throws(() => getObject.resolve({ Bucket }), EndpointError);
      }
    }
    const batch = endpoint("dynamodb.BatchGetItem");
    assert.throws(() => batch.resolve({ RequestItems: 1 }, 1 as never), EndpointError);
    const accelerated = endpoint("s3.GetObject", { useAccelerate: true, useFips: true });
    assert.throws(
      () => accelerated.resolve({ Bucket: "b-b" }),
      /Accelerate cannot be used with FIPS/,
    );
  });

  it("asks for a region where the rules miss one", () => {
    assert.throws(
      () => endpoint("sqs.ListQueues", { region: undefined }).resolve({}),
      ConfigurationError,
    );
    const custom = { region: undefined, ...local };
    assert.throws(() => endpoint("sqs.ListQueues", custom).resolve({}), ConfigurationError);
  });

  it("has the same client in other regions, each once", () => {
    const endpoints = new ServiceEndpoints(loadModel("sqs"), partitions, { region: "eu-west-1" });
    assert.equal(endpoints.inRegion("eu-west-1"), endpoints);
    const other = endpoints.inRegion("us-west-2");
    assert.equal(endpoints.inRegion("us-west-2"), other);
    const target = other.operation(model("sqs", "ListQueues")).resolve({});
    assert.equal(target.endpoint.host, "sqs.us-west-2.amazonaws.com");
    assert.equal(target.auth.signingRegion, "us-west-2");
  });

  it("signs for S3 Express with its sessions, unless they are switched off", () => {
    const bucket = { Bucket: "b--use1-az4--x-s3", Key: "k" };
    const scheme = (settings: Partial<ServiceEndpointSettings>, operation: string): string =>
      endpoint(operation, { region: "us-east-1", ...settings }).resolve(bucket).auth.scheme;
    assert.equal(scheme({}, "s3.GetObject"), "sigv4-s3express");
    assert.equal(scheme({ disableS3ExpressSessionAuth: true }, "s3.GetObject"), "sigv4");
    assert.equal(scheme({}, "s3.CreateSession"), "sigv4");
  });

  it("does not let a region's name lead to another host", () => {
    const endpoints = new ServiceEndpoints(loadModel("sqs"), partitions, { region: "eu-west-1" });
    for (const region of ["evil.example/x", "evil.example", "a@b", "", "-", "a\n"]) {
      assert.throws(() => endpoints.inRegion(region), ConfigurationError);
    }
    const fips = endpoints.inRegion("fips-us-west-2").operation(model("sqs", "ListQueues"));
    assert.equal(fips.resolve({}).endpoint.host, "sqs-fips.us-west-2.amazonaws.com");
  });

  it("prefers what the operation says to the input, and the input to the client", () => {
    const target = endpoint("s3control.ListRegionalBuckets").resolve({ AccountId: "123456789012" });
    assert.equal(target.endpoint.host, "123456789012.s3-control.eu-west-1.amazonaws.com");
    const put = endpoint("kinesis.PutRecord", { accountIdEndpointMode: "disabled" });
    const arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/s";
    assert.match(put.resolve({ StreamARN: arn }).endpoint.host, /^123456789012\.data-kinesis\./);
  });
});
