import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { serviceRegions } from "./service-regions.ts";

describe("serviceRegions()", () => {
  test("lists regions of the partition only", () => {
    assert.ok(serviceRegions("s3").includes("eu-west-1"));
    assert.ok(!serviceRegions("s3").some((region) => region.startsWith("cn-")));
    assert.deepEqual(serviceRegions("s3", "aws-cn"), ["cn-north-1", "cn-northwest-1"]);
  });

  test("is empty for a service that is not regional, or not known", () => {
    assert.deepEqual(serviceRegions("iam"), []);
    assert.deepEqual(serviceRegions("constructor"), []);
  });

  test("refuses a partition that does not exist", () => {
    assert.throws(() => serviceRegions("s3", "__proto__"), /"__proto__": there are aws, /);
  });
});
