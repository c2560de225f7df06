import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderCall } from "./render-call.ts";

const target = {
  endpointUrl: "http://h:1",
  functionName: "f",
  qualifier: undefined,
  stream: false,
};
const options = { type: "RequestResponse", log: false, clientContext: undefined } as const;

describe("renderCall()", () => {
  test("renders a plain call", () => {
    const { url, headers } = renderCall(target, options);
    assert.equal(url.href, "http://h:1/2015-03-31/functions/f/invocations");
    assert.deepEqual(headers, { "content-type": "application/json" });
  });

  for (const [name, path] of [
    [
      "arn:aws:lambda:us-east-1:123456789012:function:f",
      "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af",
    ],
    ["a/../b?c#d", "a%2F..%2Fb%3Fc%23d"],
  ] as const) {
    test(`encodes the name '${name}' as one part of the path`, () => {
      const { url } = renderCall({ ...target, functionName: name }, options);
      assert.equal(url.pathname, `/2015-03-31/functions/${path}/invocations`);
    });
  }

  test("keeps the path of the endpoint", () => {
    const { url } = renderCall({ ...target, endpointUrl: "http://h/base" }, options);
    assert.equal(url.pathname, "/base/2015-03-31/functions/f/invocations");
  });

  test("renders every option", () => {
    const { url, headers } = renderCall(
      { ...target, qualifier: "$LATEST", stream: true },
      { type: "DryRun", log: true, clientContext: '{"ü":1}' },
    );
    assert.equal(url.pathname, "/2021-11-15/functions/f/response-streaming-invocations");
    assert.equal(url.search, "?Qualifier=%24LATEST");
    assert.deepEqual(headers, {
      "content-type": "application/json",
      "x-amz-invocation-type": "DryRun",
      "x-amz-log-type": "Tail",
      "x-amz-client-context": Buffer.from('{"ü":1}').toString("base64"),
    });
  });
});
