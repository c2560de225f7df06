import assert from "node:assert/strict";
import { test } from "node:test";

import { payloadOf, type StoredEvent } from "@lambdad/core";
import { acceptedEvent } from "@lambdad/testkit";

import { noProgress } from "./event-transition.ts";
import { failedEnding, invocationRecord } from "./invocation-record.ts";

const timestampMs = Date.UTC(2025, 10, 24, 23, 14, 10, 123);
const arn = "arn:aws:lambda:us-east-1:012345678912:function:one";

test("invocationRecord() writes a failed event as AWS does", () => {
  const failed: StoredEvent & { state: { kind: "failed" } } = {
    ...acceptedEvent({ id: "the-id", payload: payloadOf('{"raise_error": 1.0}') }),
    state: { kind: "failed", condition: "RetriesExhausted", failedAtMs: 1 },
    progress: {
      ...noProgress,
      functionFaults: 3,
      lastError: {
        errorType: "Runtime.Unknown",
        payload: payloadOf('{"errorMessage":"m"}'),
        executedVersion: "$LATEST",
      },
    },
  };
  assert.equal(
    invocationRecord(failed, failedEnding(failed), timestampMs),
    '{"version":"1.0","timestamp":"2025-11-24T23:14:10.123Z",' +
      `"requestContext":{"requestId":"the-id","functionArn":"${arn}:$LATEST",` +
      '"condition":"RetriesExhausted","approximateInvokeCount":3},' +
      // Not written anew: 1.0 stays 1.0.
      '"requestPayload":{"raise_error": 1.0},' +
      '"responseContext":{"statusCode":200,"executedVersion":"$LATEST","functionError":"Unhandled"},' +
      '"responsePayload":{"errorMessage":"m"}}',
  );
});

test("invocationRecord() leaves the response out when the function was not run", () => {
  const failed: StoredEvent & { state: { kind: "failed" } } = {
    ...acceptedEvent({ qualifier: "live", invokedFunctionArn: `${arn}:live` }),
    state: { kind: "failed", condition: "ZeroReservedConcurrency", failedAtMs: 1 },
    progress: noProgress,
  };
  const text = invocationRecord(failed, failedEnding(failed), timestampMs);
  const record = JSON.parse(text) as Record<string, Record<string, unknown>>;
  assert.deepEqual(Object.keys(record), [
    "version",
    "timestamp",
    "requestContext",
    "requestPayload",
  ]);
  assert.equal(record["requestContext"]?.["functionArn"], `${arn}:live`);
  assert.equal(record["requestContext"]["approximateInvokeCount"], 0);
});

test("invocationRecord() of a success has no functionError, and a payload that is not JSON as a string", () => {
  const ending = {
    condition: "Success",
    approximateInvokeCount: 1,
    executedVersion: "3",
    responsePayload: payloadOf('half "json'),
  } as const;
  const text = invocationRecord(acceptedEvent(), ending, timestampMs);
  const record = JSON.parse(text) as Record<string, unknown>;
  assert.deepEqual(record["responseContext"], { statusCode: 200, executedVersion: "3" });
  assert.equal(record["responsePayload"], 'half "json');
});
