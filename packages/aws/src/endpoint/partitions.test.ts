import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readModelFile } from "../model/load-model.ts";
import { isAwsHost } from "./aws-host.ts";
import { Partitions, type PartitionsData } from "./partitions.ts";

const data = JSON.parse(readModelFile("partitions.json")) as PartitionsData;
const partitions = new Partitions(data);

describe("Partitions", () => {
  for (const [region, partition] of [
    ["us-east-1", "aws"],
    ["eu-north-77", "aws"],
    ["aws-global", "aws"],
    ["cn-north-1", "aws-cn"],
    ["cn-moon-9", "aws-cn"],
    ["us-gov-west-1", "aws-us-gov"],
    ["us-iso-east-1", "aws-iso"],
    ["us-isob-east-1", "aws-iso-b"],
    ["eu-isoe-west-1", "aws-iso-e"],
    ["us-isof-south-1", "aws-iso-f"],
    ["eusc-de-east-1", "aws-eusc"],
    ["somewhere", "aws"],
    ["", "aws"],
  ] as const) {
    it(`finds ${partition} for "${region}"`, () => {
      assert.equal(partitions.of(region)?.name, partition);
    });
  }

  it("gives domains and the global region", () => {
    assert.deepEqual(partitions.of("cn-north-1"), {
      name: "aws-cn",
      dnsSuffix: "amazonaws.com.cn",
      dualStackDnsSuffix: "api.amazonwebservices.com.cn",
      implicitGlobalRegion: "cn-northwest-1",
      supportsDualStack: true,
      supportsFIPS: true,
    });
  });

  it("prefers a listed region to a pattern", () => {
    const outputs = data.partitions[0]!.outputs;
    const own = new Partitions({
      partitions: [
        { id: "one", regionRegex: "^x-\\w+$", regions: {}, outputs },
        { id: "two", regionRegex: "^y$", regions: { "x-y": {} }, outputs },
      ],
    });
    assert.equal(own.of("x-y")?.name, "two");
    assert.equal(own.of("x-z")?.name, "one");
  });

  it("lists partitions, and regions without pseudo regions", () => {
    assert.ok(partitions.names().includes("aws-eusc"));
    assert.ok(partitions.regions().includes("eu-west-1"));
    assert.ok(!partitions.regions().includes("aws-global"));
    assert.deepEqual(partitions.regions("aws-cn"), ["cn-north-1", "cn-northwest-1"]);
    assert.deepEqual(partitions.regions("nowhere"), []);
  });

  it("signs for the partition's region where the region is a pseudo region", () => {
    assert.equal(partitions.signingRegion("aws-global"), "us-east-1");
    assert.equal(partitions.signingRegion("aws-cn-global"), "cn-northwest-1");
    assert.equal(partitions.signingRegion("eu-west-1"), "eu-west-1");
  });
});

describe("isAwsHost", () => {
  it("knows the domains of every partition", () => {
    for (const { outputs } of data.partitions) {
      assert.ok(isAwsHost(`s3.x.${outputs.dnsSuffix}`), outputs.dnsSuffix);
      assert.ok(isAwsHost(`s3.x.${outputs.dualStackDnsSuffix}`), outputs.dualStackDnsSuffix);
    }
  });

  for (const host of ["localhost", "amazonaws.com.example", "notamazonaws.com", "[::1]", ""]) {
    it(`does not take "${host}" for AWS's`, () => assert.equal(isAwsHost(host), false));
  }

  it("does not look at case", () => assert.ok(isAwsHost("S3.AmazonAWS.com")));
});
