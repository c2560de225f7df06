import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EndpointError } from "../client/errors.ts";
import { Partitions } from "./partitions.ts";
import { ruleFunctions } from "./rule-functions.ts";

const outputs = {
  dnsSuffix: "example",
  dualStackDnsSuffix: "dual.example",
  implicitGlobalRegion: "a-1",
  supportsFIPS: true,
  supportsDualStack: false,
};
const functions = ruleFunctions(
  new Partitions({ partitions: [{ id: "p", regionRegex: "^a-\\d$", regions: {}, outputs }] }),
);

function call(name: string, ...argv: unknown[]): unknown {
  const apply = functions.get(name);
  assert.ok(apply, name);
  return apply(...argv);
}

const arn = (text: string): unknown => call("aws.parseArn", text);

const cases: readonly (readonly [name: string, argv: readonly unknown[], expected: unknown])[] = [
  ["isSet", ["x"], true],
  ["isSet", [""], true],
  ["isSet", [false], true],
  ["isSet", [undefined], false],
  ["isSet", [null], false],
  ["not", [true], false],
  ["not", [false], true],
  ["not", [undefined], true],
  ["booleanEquals", [true, true], true],
  ["booleanEquals", [true, false], false],
  ["booleanEquals", [undefined, false], false],
  ["stringEquals", ["a", "a"], true],
  ["stringEquals", ["a", "A"], false],
  ["stringEquals", [undefined, "a"], false],
  ["coalesce", [undefined, null, "a", "b"], "a"],
  ["coalesce", [undefined, false], false],
  ["coalesce", [undefined, undefined], undefined],
  ["ite", [true, "a", "b"], "a"],
  ["ite", [false, "a", "b"], "b"],
  ["ite", [undefined, "a", "b"], "b"],
  ["substring", ["abcdef", 1, 3, false], "bc"],
  ["substring", ["abcdef", 1, 3, true], "de"],
  ["substring", ["abcdef", 0, 6, true], "abcdef"],
  ["substring", ["abcdef", 0, 7, false], undefined],
  ["substring", ["abcdef", 3, 3, false], undefined],
  ["substring", ["ab\u007F", 0, 3, false], "ab\u007F"],
  ["substring", ["abé", 0, 2, false], undefined],
  ["substring", [undefined, 0, 2, false], undefined],
  ["split", ["a--b--c", "--", 0], ["a", "b", "c"]],
  ["split", ["a--b--c", "--", 2], ["a", "b--c"]],
  ["split", ["a--b--c", "--", 1], ["a--b--c"]],
  ["split", ["", "--", 0], [""]],
  ["uriEncode", ["a b/c~_-.!'()*é"], "a%20b%2Fc~_-.%21%27%28%29%2A%C3%A9"],
  ["uriEncode", ["\uD800"], "%EF%BF%BD"],
  ["uriEncode", [undefined], undefined],
  ["isValidHostLabel", ["a-1", false], true],
  ["isValidHostLabel", ["-a", false], false],
  ["isValidHostLabel", ["a-", false], false],
  ["isValidHostLabel", ["", false], false],
  ["isValidHostLabel", ["a.b", false], false],
  ["isValidHostLabel", ["a.b", true], true],
  ["isValidHostLabel", ["a..b", true], false],
  ["isValidHostLabel", ["a\n", false], false],
  ["isValidHostLabel", ["a".repeat(63), false], true],
  ["isValidHostLabel", ["a".repeat(64), false], false],
  ["isValidHostLabel", [undefined, false], false],
  ["aws.isVirtualHostableS3Bucket", ["my-bucket", false], true],
  ["aws.isVirtualHostableS3Bucket", ["my.bucket", false], false],
  ["aws.isVirtualHostableS3Bucket", ["my.bucket", true], true],
  ["aws.isVirtualHostableS3Bucket", ["My-bucket", false], false],
  ["aws.isVirtualHostableS3Bucket", ["ab", false], false],
  ["aws.isVirtualHostableS3Bucket", ["192.168.0.1", true], false],
  ["aws.isVirtualHostableS3Bucket", ["a_b_c", false], false],
  ["aws.partition", ["a-1"], { ...outputs, name: "p" }],
  ["aws.partition", [undefined], undefined],
  ["parseURL", [undefined], undefined],
];

describe("ruleFunctions", () => {
  for (const [name, argv, expected] of cases) {
    it(`${name}(${JSON.stringify(argv).slice(1, -1)}) is ${JSON.stringify(expected)}`, () => {
      assert.deepEqual(call(name, ...argv), expected);
    });
  }

  it("aws.parseArn reads a name, its resource cut at colons and slashes", () => {
    assert.deepEqual(arn("arn:aws:s3:us-east-1:1:accesspoint/a:b"), {
      partition: "aws",
      service: "s3",
      region: "us-east-1",
      accountId: "1",
      resourceId: ["accesspoint", "a", "b"],
    });
    assert.deepEqual(arn("arn:aws:s3:::b")?.valueOf(), {
      partition: "aws",
      service: "s3",
      region: "",
      accountId: "",
      resourceId: ["b"],
    });
  });

  for (const text of [
    "",
    "x",
    "arn:",
    "arn:aws:s3:r:1",
    "arn:aws:s3:r:1:",
    "arn::s3:r:1:x",
    "arn:aws::r:1:x",
    "ARN:aws:s3:::b",
  ]) {
    it(`aws.parseArn does not read "${text}"`, () => assert.equal(arn(text), undefined));
  }

  for (const name of ["substring", "uriEncode", "parseURL", "aws.partition", "aws.parseArn"]) {
    it(`${name} refuses what is not text`, () => {
      assert.throws(() => call(name, 1, 0, 1, false), EndpointError);
    });
  }
});
