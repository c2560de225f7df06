import assert from "node:assert/strict";
import { test } from "node:test";
import { classifyError, type ErrorFacts, type RetryCategory } from "./classify-error.ts";

const service = (code: string, status: number): ErrorFacts => ({ kind: "service", code, status });

const cases: readonly [string, ErrorFacts, RetryCategory][] = [
  ["a lost connection (CL-1)", { kind: "connection", code: "ECONNRESET" }, "transient"],
  ["a time-out of an attempt (CL-1)", { kind: "timeout" }, "transient"],
  ["a broken answer (CL-8)", { kind: "parse", status: 200 }, "transient"],
  ["a wrong checksum (CL-9)", { kind: "checksum", status: 200 }, "transient"],
  ["500 (CL-1)", service("500", 500), "transient"],
  ["501 (CL-3)", service("NotImplemented", 501), "none"],
  ["502 (CL-1)", service("502", 502), "transient"],
  ["503 (CL-1)", service("ServiceUnavailable", 503), "transient"],
  ["504 (CL-1)", service("504", 504), "transient"],
  ["505", service("505", 505), "none"],
  ["429 (CL-2)", service("Whatever", 429), "throttling"],
  ["SlowDown with 503 (CL-2)", service("SlowDown", 503), "throttling"],
  ["ThrottlingException with 400 (CL-2)", service("ThrottlingException", 400), "throttling"],
  ["an S3 error inside 200 (CL-7)", service("InternalError", 200), "transient"],
  ["RequestTimeout with 400", service("RequestTimeout", 400), "transient"],
  ["IDPCommunicationError", service("IDPCommunicationError", 400), "transient"],
  ["a conditional check (CL-3)", service("ConditionalCheckFailedException", 400), "none"],
  ["404 (CL-3)", service("NoSuchKey", 404), "none"],
  ["an error that the model marks", { ...service("X", 409), retryable: true }, "transient"],
  [
    "an error that the model marks as throttling",
    { ...service("X", 400), retryable: true, throttling: true },
    "throttling",
  ],
  ["a code that is a name of Object's prototype", service("constructor", 400), "none"],
];

for (const [name, facts, expected] of cases) {
  test(`classifyError() calls ${name} ${expected}`, () => {
    assert.equal(classifyError(facts), expected);
  });
}
