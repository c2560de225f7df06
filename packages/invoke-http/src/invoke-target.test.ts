import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HostError } from "@lambdad/core";
import * as fc from "fast-check";
import { parseInvokeTarget } from "./invoke-target.ts";

const arn = "arn:aws:lambda:us-east-1:123456789012:function:f";

const found: readonly (readonly [
  path: string,
  query: string,
  action: string,
  name: string,
  qualifier?: string,
])[] = [
  ["/2015-03-31/functions/f/invocations", "", "invoke", "f"],
  ["/2015-03-31/functions/f/invocations/", "", "invoke", "f"],
  ["/2015-03-31/functions/f:7/invocations", "", "invoke", "f", "7"],
  ["/2015-03-31/functions/f%3A7/invocations", "", "invoke", "f", "7"],
  ["/2015-03-31/functions/f/invocations", "Qualifier=%24LATEST", "invoke", "f", "$LATEST"],
  ["/2015-03-31/functions/f/invocations", "x=1&Qualifier=a&Qualifier=b", "invoke", "f", "a"],
  ["/2015-03-31/functions/f/invocations", "%51ualifier=a", "invoke", "f", "a"],
  ["/2015-03-31/functions/f/invocations", "qualifier=a", "invoke", "f"],
  [`/2015-03-31/functions/${encodeURIComponent(arn)}/invocations`, "", "invoke", "f"],
  [`/2015-03-31/functions/${arn}:7/invocations`, "", "invoke", "f", "7"],
  ["/2015-03-31/functions/invocations/invocations", "", "invoke", "invocations"],
  ["/2014-11-13/functions/f/invoke-async", "", "async", "f"],
  ["/2014-11-13/functions/f/invoke-async/", "Qualifier=%20", "async", "f"],
  ["/2021-11-15/functions/f/response-streaming-invocations", "Qualifier=a", "stream", "f", "a"],
];

const unknown = [
  "",
  "/",
  "/2015-03-31/functions",
  "/2015-03-31/functions/",
  "/2015-03-31/functions/invocations",
  "/2015-03-31/functions/f",
  "/2015-03-31/functions/f/invocations//",
  "/2015-03-31/functions/f/g/invocations",
  "/2015-03-31/functions/f/invocationsx",
  "//2015-03-31/functions/f/invocations",
  "/2015-03-31/functions/f/response-streaming-invocations",
  "/2021-11-15/functions/f/invocations",
];

const bad: readonly (readonly [path: string, query: string])[] = [
  ["/2015-03-31/functions//invocations", ""],
  ["/2015-03-31/functions/%2e%2e%2fetc/invocations", ""],
  ["/2015-03-31/functions/%zz/invocations", ""],
  ["/2015-03-31/functions/a%00/invocations", ""],
  ["/2015-03-31/functions/f/invocations", "Qualifier="],
  ["/2015-03-31/functions/f/invocations", "Qualifier"],
  ["/2015-03-31/functions/f/invocations", "Qualifier=a+b"],
  ["/2015-03-31/functions/f/invocations", "Qualifier=%"],
];

describe("parseInvokeTarget()", () => {
  for (const [path, query, action, name, qualifier] of found) {
    test(`reads '${path}?${query}'`, () => {
      const target = parseInvokeTarget(path, query);
      assert.equal(target?.action, action);
      assert.equal(target?.name.name, name);
      assert.equal(target?.name.qualifier, qualifier);
    });
  }

  for (const [label, written] of [
    ["echo", "echo"],
    ["echo%3A7", "echo:7"],
    ["123456789012:function:echo", "123456789012:function:echo"],
  ] as const) {
    test(`keeps what the caller wrote in '${label}'`, () => {
      const target = parseInvokeTarget(`/2015-03-31/functions/${label}/invocations`, "");
      assert.equal(target?.writtenName, written);
      assert.equal(target?.name.name, "echo");
    });
  }

  for (const path of unknown) {
    test(`knows nothing of '${path}'`, () => {
      assert.equal(parseInvokeTarget(path, ""), undefined);
    });
  }

  for (const [path, query] of bad) {
    test(`refuses '${path}?${query}' (HT-10)`, () => {
      assert.throws(
        () => parseInvokeTarget(path, query),
        (error) => error instanceof HostError && error.code === "ValidationException",
      );
    });
  }

  test("throws nothing but HostError for arbitrary labels and queries", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (label, query) => {
        try {
          parseInvokeTarget(`/2015-03-31/functions/${label}/invocations`, query);
          parseInvokeTarget("/2015-03-31/functions/f/invocations", `Qualifier=${query}`);
        } catch (error) {
          assert.ok(error instanceof HostError);
        }
      }),
    );
  });
});
