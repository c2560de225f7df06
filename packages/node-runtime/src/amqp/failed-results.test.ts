import assert from "node:assert/strict";
import { test } from "node:test";
import { limits } from "@lambdad/core";
import { thrownResult } from "./failed-results.ts";
import { errorOf } from "./testdata/test-invokers.ts";

test("thrownResult() keeps errors within the limit of a response", () => {
  const error = new RangeError("x".repeat(1000));
  error.stack = "RangeError";
  assert.equal(errorOf(thrownResult(error, "$LATEST")).errorType, "RangeError");
  error.message = "x".repeat(limits.syncPayloadBytesMax);
  const result = thrownResult(error, "$LATEST");
  assert.equal(errorOf(result).errorType, "Function.ResponseSizeTooLarge");
  assert.ok(result.payload.byteLength < 1000, String(result.payload.byteLength));
});
