import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { extensionVariables } from "./extension-variables.ts";

/** Spec limits-and-env §7, name by name. */
const given = [
  "AWS_REGION",
  "AWS_DEFAULT_REGION",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "TZ",
  "PATH",
  "LANG",
  "LD_LIBRARY_PATH",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "CUSTOMER_VARIABLE",
  "DD_API_KEY",
  "has_underscores_",
];

const notGiven = [
  "_HANDLER",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_XRAY_CONTEXT_MISSING",
  "AWS_XRAY_DAEMON_ADDRESS",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
  "_AWS_XRAY_DAEMON_ADDRESS",
  "_AWS_XRAY_DAEMON_PORT",
  "_X_AMZN_TRACE_ID",
  "_LAMBDA_TELEMETRY_LOG_FD",
  "_",
];

describe("extensionVariables()", () => {
  for (const name of given) {
    test(`gives ${name} as it is`, () => {
      assert.deepEqual(extensionVariables({ [name]: " value=1\n" }), { [name]: " value=1\n" });
    });
  }

  for (const name of notGiven) {
    test(`withholds ${name}`, () => {
      assert.deepEqual(extensionVariables({ [name]: "value", A: "kept" }), { A: "kept" });
    });
  }

  test("keeps an empty value, and leaves the runtime's own variables alone", () => {
    const runtime = { EMPTY: "", _HANDLER: "app.handler" };
    assert.deepEqual(extensionVariables(runtime), { EMPTY: "" });
    assert.deepEqual(runtime, { EMPTY: "", _HANDLER: "app.handler" });
  });
});
