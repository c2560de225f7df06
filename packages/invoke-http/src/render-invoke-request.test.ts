import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Invocation, payloadOf } from "@lambdad/core";
import { CollectingStream, invocationOf } from "@lambdad/testkit";
import { renderInvokeRequest } from "./render-invoke-request.ts";

const id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";

function invocation(members: Partial<Invocation> = {}): Invocation {
  const payload = payloadOf('{"a":1}');
  return invocationOf(Buffer.from("{}"), { requestId: id, traceId: "Root=1", payload, ...members });
}

describe("renderInvokeRequest()", () => {
  test("asks for Invoke", () => {
    const asked = invocation();
    assert.deepEqual(renderInvokeRequest(asked), {
      method: "POST",
      path: "/2015-03-31/functions/contract/invocations",
      headers: {
        "Content-Type": "application/json",
        "Content-Length": "7",
        "x-amzn-RequestId": id,
        "X-Amzn-Trace-Id": "Root=1",
      },
      body: asked.payload,
    });
  });

  test("says everything that the invocation says", () => {
    const { path, headers } = renderInvokeRequest(
      invocation({
        qualifier: "$LATEST",
        logTail: true,
        tenantId: "blue",
        clientContext: '{"custom":"é"}',
        stream: new CollectingStream(),
      }),
    );
    assert.equal(
      path,
      "/2021-11-15/functions/contract/response-streaming-invocations?Qualifier=%24LATEST",
    );
    assert.equal(headers["X-Amz-Log-Type"], "Tail");
    assert.equal(headers["X-Amz-Tenant-Id"], "blue");
    assert.equal(headers["X-Amz-Client-Context"], Buffer.from('{"custom":"é"}').toString("base64"));
  });

  test("asks for the result of an event too: an invoker runs it once", () => {
    const { headers } = renderInvokeRequest(invocation({ type: "Event" }));
    assert.equal(headers["X-Amz-Invocation-Type"], undefined);
  });

  test("encodes what has a meaning in a path", () => {
    const { path } = renderInvokeRequest(invocation({ functionName: "a/b?c" }));
    assert.equal(path, "/2015-03-31/functions/a%2Fb%3Fc/invocations");
  });
});
