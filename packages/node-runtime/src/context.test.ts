import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failed, returned } from "./testdata/answers.ts";
import { transports } from "./testdata/transports.ts";

const requestId = "8476a536-e9f4-11e8-9739-2dfe598c3fcd";
const arn = "arn:aws:lambda:us-east-1:012345678912:function:my-fn:alias";
const traceId = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0";

for (const { name, start } of transports) {
  describe(`over ${name}`, () => {
    test("context has all of AWS's members", async (t) => {
      const source = "export const handler = async (event, context) => ({ ...context });";
      const host = await start(t, { "index.mjs": source });
      const answer = await host.invoke("{}", {
        requestId,
        arn,
        traceId,
        tenantId: "blue",
        clientContext: '{"custom":{"ü":"€"}}',
        cognitoIdentity: '{"cognitoIdentityId":"i","cognitoIdentityPoolId":"p"}',
      });
      assert.deepEqual(JSON.parse(returned(answer)), {
        callbackWaitsForEmptyEventLoop: true,
        functionName: "my-fn",
        functionVersion: "$LATEST",
        memoryLimitInMB: "128",
        logGroupName: "/aws/lambda/my-fn",
        logStreamName: "2026/11/21/[$LATEST]00000000000000000000000000000000",
        awsRequestId: requestId,
        invokedFunctionArn: arn,
        xRayTraceId: traceId,
        tenantId: "blue",
        clientContext: { custom: { ü: "€" } },
        identity: { cognitoIdentityId: "i", cognitoIdentityPoolId: "p" },
      });
    });

    test("context has own members that are functions, and undefined where nothing was given", async (t) => {
      const source = `export const handler = async (event, context) => {
        const kinds = {};
        for (const [key, value] of Object.entries(context)) kinds[key] = typeof value;
        return kinds;
      };`;
      const host = await start(t, { "index.mjs": source });
      const kinds = JSON.parse(returned(await host.invoke("{}")));
      for (const key of ["done", "fail", "succeed", "getRemainingTimeInMillis"]) {
        assert.equal(kinds[key], "function", key);
      }
      for (const key of ["clientContext", "identity", "tenantId"]) {
        assert.equal(kinds[key], "undefined", key);
      }
    });

    test("context.getRemainingTimeInMillis() counts down to the deadline", async (t) => {
      const source = `export const handler = async (event, context) =>
        context.getRemainingTimeInMillis() + Date.now();`;
      const host = await start(t, { "index.mjs": source });
      const deadlineMs = Date.now() + 60_000;
      const sum = Number(returned(await host.invoke("{}", { deadlineMs })));
      assert.ok(Math.abs(sum - deadlineMs) <= 1, `${sum} is not ${deadlineMs}`);
    });

    test("a client context that is not JSON fails the invocation", async (t) => {
      const host = await start(t, { "index.mjs": "export const handler = async () => 1;" });
      const error = failed(await host.invoke("{}", { clientContext: "{" }));
      assert.match(error.errorMessage, /^Cannot parse ClientContext as json: SyntaxError/);
      assert.equal(returned(await host.invoke("{}")), "1");
    });

    test("_X_AMZN_TRACE_ID is that of the invocation", async (t) => {
      const source = `export const handler = async () => [
        process.env._X_AMZN_TRACE_ID, awslambda.InvokeStore.getXRayTraceId(),
        awslambda.InvokeStore.getRequestId(), awslambda.InvokeStore.getTenantId()];`;
      const host = await start(t, { "index.mjs": source });
      const first = await host.invoke("{}", { traceId, requestId, tenantId: "blue" });
      assert.deepEqual(JSON.parse(returned(first)), [traceId, traceId, requestId, "blue"]);
      const second = await host.invoke("{}", { requestId });
      assert.deepEqual(JSON.parse(returned(second)), [null, null, requestId, null]);
    });

    test("the function does not see the channel, nor do its children", async (t) => {
      const source = `
        import { execFileSync } from "node:child_process";
        export const handler = async () => ({
          env: Object.keys(process.env).filter((key) => /LAMBDAD|COMPILE_CACHE/.test(key)),
          fds: execFileSync("/bin/sh", ["-c", "for fd in 3 4 5; do (: <&$fd) 2>/dev/null && echo $fd; done; true"],
            { stdio: ["ignore", "pipe", "ignore"] }).toString(),
        });`;
      const host = await start(t, { "index.mjs": source });
      assert.equal(returned(await host.invoke("{}")), '{"env":[],"fds":""}');
    });
  });
}
