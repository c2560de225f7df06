import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import { parseFunctionName, type ParsedFunctionName } from "./function-name.ts";
import { HostError } from "./host-error.ts";

const namePattern = String.raw`(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?`;
const arn = "arn:aws:lambda:us-west-2:123456789012:function:my-fn";
const parts = { name: "my-fn", accountId: "123456789012", region: "us-west-2" };
const bare: ParsedFunctionName = {
  name: "my-fn",
  qualifier: undefined,
  accountId: undefined,
  region: undefined,
};

const forms: readonly (readonly [text: string, qualifier: string | undefined, object])[] = [
  ["my-fn", undefined, bare],
  ["my-fn:7", undefined, { ...bare, qualifier: "7" }],
  ["my-fn:prod", undefined, { ...bare, qualifier: "prod" }],
  ["my-fn:$LATEST", undefined, { ...bare, qualifier: "$LATEST" }],
  ["my-fn:$LATEST.PUBLISHED", undefined, { ...bare, qualifier: "$LATEST.PUBLISHED" }],
  ["my-fn", "prod", { ...bare, qualifier: "prod" }],
  ["my-fn", "$latest", { ...bare, qualifier: "$latest" }],
  ["my-fn:prod", "prod", { ...bare, qualifier: "prod" }],
  ["function:my-fn", undefined, bare],
  ["function:my-fn:7", undefined, { ...bare, qualifier: "7" }],
  ["function", undefined, { ...bare, name: "function" }],
  ["123456789012:function:my-fn", undefined, { ...bare, accountId: "123456789012" }],
  ["123456789012:my-fn:7", undefined, { ...bare, accountId: "123456789012", qualifier: "7" }],
  [arn, undefined, { ...parts, qualifier: undefined }],
  [`${arn}:7`, undefined, { ...parts, qualifier: "7" }],
  [arn, "7", { ...parts, qualifier: "7" }],
  [arn.replace("aws", "aws-us-gov"), undefined, { ...parts, qualifier: undefined }],
  [
    arn.replace("us-west-2", "us-gov-west-1"),
    "1",
    { ...parts, qualifier: "1", region: "us-gov-west-1" },
  ],
  [
    arn.replace("us-west-2", "eusc-de-east-1"),
    "1",
    { ...parts, qualifier: "1", region: "eusc-de-east-1" },
  ],
  ["a".repeat(65), undefined, { ...bare, name: "a".repeat(65) }],
  ["my.fn", undefined, { ...bare, name: "my.fn" }],
];

const nameFinding = (value: string): string =>
  `Value '${value}' at 'functionName' failed to satisfy constraint: Member must satisfy regular expression pattern: ${namePattern}`;
const qualifierFinding = (value: string): string =>
  `Value '${value}' at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: \\$(LATEST(\\.PUBLISHED)?)|[a-zA-Z0-9-_$]+`;

const mistakes: readonly (readonly [string, string | undefined, string, string])[] = [
  ["", undefined, "ValidationException", `1 validation error detected: ${nameFinding("")}`],
  [
    "my fn",
    undefined,
    "ValidationException",
    `1 validation error detected: ${nameFinding("my fn")}`,
  ],
  [
    "a:b:c",
    undefined,
    "ValidationException",
    `1 validation error detected: ${nameFinding("a:b:c")}`,
  ],
  [
    "my-fn\n",
    undefined,
    "ValidationException",
    `1 validation error detected: ${nameFinding("my-fn\n")}`,
  ],
  [
    "my-fn",
    "a b",
    "ValidationException",
    `1 validation error detected: ${qualifierFinding("a b")}`,
  ],
  ["my-fn", "", "ValidationException", `1 validation error detected: ${qualifierFinding("")}`],
  [
    "../x",
    "a/b",
    "ValidationException",
    `2 validation errors detected: ${nameFinding("../x")}; ${qualifierFinding("a/b")}`,
  ],
  [
    "my-fn",
    "q".repeat(129),
    "ValidationException",
    `1 validation error detected: Value '${"q".repeat(129)}' at 'qualifier' failed to satisfy constraint: Member must have length less than or equal to 128`,
  ],
  [
    "n".repeat(257),
    undefined,
    "ValidationException",
    `1 validation error detected: Value '${"n".repeat(257)}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 256`,
  ],
  [
    "my-fn:prod",
    "test",
    "InvalidParameterValueException",
    "The derived qualifier from the function name does not match the specified qualifier.",
  ],
];

function word(alphabet: string, minLength: number, maxLength: number): fc.Arbitrary<string> {
  return fc.string({ unit: fc.constantFrom(...Array.from(alphabet)), minLength, maxLength });
}

describe("parseFunctionName()", () => {
  for (const [text, qualifier, expected] of forms) {
    test(`takes apart '${text}' with qualifier ${qualifier}`, () => {
      assert.deepEqual(parseFunctionName(text, qualifier), expected);
    });
  }

  for (const [text, qualifier, code, message] of mistakes) {
    test(`refuses '${text.slice(0, 20)}' with qualifier ${qualifier?.slice(0, 20)} (HT-10)`, () => {
      assert.throws(
        () => parseFunctionName(text, qualifier),
        (error) => error instanceof HostError && error.code === code && error.message === message,
      );
    });
  }

  test("throws nothing but HostError for arbitrary text", () => {
    const text = fc.oneof(
      fc.string({ unit: "binary", maxLength: 300 }),
      fc.string({
        unit: fc.constantFrom(...Array.from("arn:wslmbd-0123456789function$LATES.")),
        maxLength: 300,
      }),
    );
    fc.assert(
      fc.property(text, fc.option(text, { nil: undefined }), (name, qualifier) => {
        try {
          assert.match(parseFunctionName(name, qualifier).name, /^[a-zA-Z0-9\-_.]+$/);
        } catch (error) {
          assert.ok(error instanceof HostError);
        }
      }),
    );
  });

  test("gives back the parts that a valid form was put together from", () => {
    const name = word("abcXYZ019-_", 1, 64).filter((text) => !/^\d{12}$/.test(text));
    const qualifier = fc.option(fc.oneof(fc.constant("$LATEST"), word("abc09-_", 1, 20)), {
      nil: undefined,
    });
    const region = fc.constantFrom("us-east-1", "eu-west-3", "us-gov-east-1", "us-isob-east-1");
    fc.assert(
      fc.property(name, qualifier, region, word("0123456789", 12, 12), (fn, version, place, id) => {
        const suffix = version === undefined ? "" : `:${version}`;
        const full = `arn:aws:lambda:${place}:${id}:function:${fn}${suffix}`;
        assert.deepEqual(parseFunctionName(full), {
          name: fn,
          qualifier: version,
          accountId: id,
          region: place,
        });
        assert.deepEqual(parseFunctionName(`function:${fn}${suffix}`), {
          name: fn,
          qualifier: version,
          accountId: undefined,
          region: undefined,
        });
      }),
    );
  });
});
