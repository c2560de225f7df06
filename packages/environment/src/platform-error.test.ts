import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { payloadText } from "@lambdad/core";
import {
  platformErrorPayload,
  responseTooLargePayload,
  runtimeExitError,
  sanitizedErrorType,
  timedOutError,
} from "./platform-error.ts";

describe("runtimeExitError()", () => {
  const cases: readonly (readonly [number | null, string | null, string])[] = [
    [0, null, "Runtime exited without providing a reason"],
    [1, null, "Runtime exited with error: exit status 1"],
    [127, null, "Runtime exited with error: exit status 127"],
    [null, "SIGKILL", "Runtime exited with error: signal: killed"],
    [null, "SIGSEGV", "Runtime exited with error: signal: segmentation fault"],
    [null, "SIGRTMIN", "Runtime exited with error: signal: SIGRTMIN"],
  ];
  for (const [code, signal, text] of cases) {
    test(`says '${text}' for code ${code} and signal ${signal}`, () => {
      const error = runtimeExitError({ code, signal });
      assert.deepEqual(error, { errorType: "Runtime.ExitError", text });
    });
  }
});

test("timedOutError() has two decimals", () => {
  assert.equal(timedOutError(3000).text, "Task timed out after 3.00 seconds");
  assert.equal(timedOutError(1500).text, "Task timed out after 1.50 seconds");
});

test("platformErrorPayload() has AWS's two members and the request id", () => {
  assert.deepEqual(JSON.parse(payloadText(platformErrorPayload(timedOutError(1000), "id-1"))), {
    errorType: "Sandbox.Timedout",
    errorMessage: "RequestId: id-1 Error: Task timed out after 1.00 seconds",
  });
});

test("responseTooLargePayload() is the text of the live service", () => {
  assert.deepEqual(JSON.parse(payloadText(responseTooLargePayload())), {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
  });
});

describe("sanitizedErrorType()", () => {
  const cases: readonly (readonly [string | undefined, string])[] = [
    [undefined, "Runtime.Unknown"],
    ["", "Runtime.Unknown"],
    ["unhandled", "Runtime.Unknown"],
    ["TypeError", "Runtime.Unknown"],
    ["Runtime.ImportModuleError", "Runtime.ImportModuleError"],
    ["Function.MyError", "Function.MyError"],
    ["xxRuntime.Foo", "xxRuntime.Foo"],
    ["Function.lower", "Function.Unknown"],
    ["Runtime.lower", "Runtime.Unknown"],
  ];
  for (const [header, type] of cases) {
    test(`makes '${type}' of '${header}'`, () => assert.equal(sanitizedErrorType(header), type));
  }
});
