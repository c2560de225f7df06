import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { newLogStreamName, runtimeVariables } from "./runtime-variables.ts";

const options = {
  configuration: {
    name: "my-fn",
    version: "$LATEST",
    region: "eu-west-1",
    accountId: "123456789012",
    handler: "app.handler",
    memorySizeMb: 256,
    timeoutMs: 3000,
  },
  inherited: {},
  runtimeApi: "127.0.0.1:9001",
  taskRoot: "/work/fn",
};

describe("runtimeVariables()", () => {
  test("promises what a runtime needs", () => {
    const variables = runtimeVariables(options);
    assert.match(
      variables["AWS_LAMBDA_LOG_STREAM_NAME"] ?? "",
      /^\d{4}\/\d\d\/\d\d\/\[\$LATEST\][0-9a-f]{32}$/,
    );
    delete variables["AWS_LAMBDA_LOG_STREAM_NAME"];
    assert.deepEqual(variables, {
      AWS_DEFAULT_REGION: "eu-west-1",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "256",
      AWS_LAMBDA_FUNCTION_NAME: "my-fn",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/my-fn",
      AWS_LAMBDA_RUNTIME_API: "127.0.0.1:9001",
      AWS_REGION: "eu-west-1",
      AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
      LAMBDA_RUNTIME_DIR: "/var/runtime",
      LAMBDA_TASK_ROOT: "/work/fn",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      _HANDLER: "app.handler",
    });
  });

  test("lets nobody override what the platform says", () => {
    const variables = runtimeVariables({
      ...options,
      inherited: {
        AWS_LAMBDA_RUNTIME_API: "evil:1",
        AWS_LAMBDA_FUNCTION_NAME: "other",
        _HANDLER: "other",
        _X_AMZN_TRACE_ID: "stale",
        _LAMBDA_TELEMETRY_LOG_FD: "62",
        _LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET: "/run/log",
      },
    });
    assert.equal(variables["AWS_LAMBDA_RUNTIME_API"], "127.0.0.1:9001");
    assert.equal(variables["AWS_LAMBDA_FUNCTION_NAME"], "my-fn");
    assert.equal(variables["_HANDLER"], "app.handler");
    assert.equal("_X_AMZN_TRACE_ID" in variables, false);
    assert.equal("_LAMBDA_TELEMETRY_LOG_FD" in variables, false);
    assert.equal("_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET" in variables, false);
  });

  test("keeps what a user has set for what is only a default", () => {
    const inherited = { TZ: "Europe/Berlin", LANG: "C", AWS_LAMBDA_LOG_GROUP_NAME: "mine" };
    const variables = runtimeVariables({ ...options, inherited });
    assert.equal(variables["TZ"], "Europe/Berlin");
    assert.equal(variables["LANG"], "C");
    assert.equal(variables["AWS_LAMBDA_LOG_GROUP_NAME"], "mine");
  });
});

test("newLogStreamName() starts with the day in UTC", () => {
  const name = newLogStreamName("7", Date.UTC(2026, 1, 18, 23, 59));
  assert.match(name, /^2026\/02\/18\/\[7\][0-9a-f]{32}$/);
});
