import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { makeReport, renderReport } from "./bench-report.ts";
import { BenchTally } from "./bench-tally.ts";

const facts = {
  function: "echo",
  endpoint: "http://127.0.0.1:8080",
  callers: 8,
  payloadBytes: 1_048_576,
  stream: false,
  end: "duration",
  elapsedMs: 2000,
} as const;

function tally(): BenchTally {
  const counted = new BenchTally();
  for (let call = 0; call < 1500; call += 1) counted.record({ kind: "returned" }, 200, 2);
  counted.record({ kind: "functionFailed" }, 200, 10);
  for (let call = 0; call < 2; call += 1) {
    counted.record({ kind: "hostFailed", reason: "TooManyRequestsException" }, 429, 0.1);
  }
  counted.record({ kind: "hostFailed", reason: "ECONNRESET" }, undefined, 900);
  counted.addBytes(4 * 1024 * 1024);
  return counted;
}

describe("makeReport()", () => {
  test("counts function errors apart from host errors, and host errors by reason", () => {
    const report = makeReport(facts, tally());
    assert.equal(report.calls, 1504);
    assert.equal(report.callsPerSecond, 752);
    assert.equal(report.returned, 1500);
    assert.equal(report.functionErrors, 1);
    assert.equal(report.hostErrors, 3);
    assert.deepEqual(report.hostErrorsByReason, { TooManyRequestsException: 2, ECONNRESET: 1 });
    assert.deepEqual(report.statuses, { 200: 1501, 429: 2 });
  });

  test("takes latency from the calls that the function answered", () => {
    const { latencyMs } = makeReport(facts, tally());
    assert.equal(latencyMs.min, 2);
    assert.equal(latencyMs.max, 10);
    assert.ok(latencyMs.p99 >= 2 && latencyMs.p99 < 2.02);
  });

  test("has no infinite or missing number when nothing was measured", () => {
    const report = makeReport({ ...facts, elapsedMs: 0 }, new BenchTally());
    assert.equal(report.callsPerSecond, 0);
    for (const value of Object.values(report.latencyMs)) assert.equal(value, 0);
    assert.deepEqual(JSON.parse(JSON.stringify(report)), report);
  });
});

describe("renderReport()", () => {
  test("names what was measured, and what failed", () => {
    const text = renderReport(makeReport(facts, tally()));
    for (const part of [
      "Function         echo at http://127.0.0.1:8080\n",
      "8 callers, payload 1,048,576 B",
      "1,504 in 2.00 s",
      "752 calls/s, 2.00 MiB/s received",
      "Function errors  1\n",
      "Host errors      3 (TooManyRequestsException: 2, ECONNRESET: 1)",
      "200: 1,501, 429: 2",
    ]) {
      assert.ok(text.includes(part), `'${part}' in\n${text}`);
    }
    assert.match(text, /min +mean +p50 +p90 +p99 +p999 +max\n/);
    assert.ok(text.endsWith("\n"));
  });

  test("says that it was ended early", () => {
    const report = makeReport({ ...facts, end: "interrupted", callers: 1 }, new BenchTally());
    assert.match(renderReport(report), /1 caller,[^]*ended early/);
  });
});

describe("BenchTally", () => {
  test("keeps a bounded number of reasons", () => {
    const counted = new BenchTally();
    for (let index = 0; index < 1000; index += 1) {
      counted.record({ kind: "hostFailed", reason: `R${index}` }, 500, 1);
    }
    assert.equal(counted.reasons.length, 33);
    assert.deepEqual(counted.reasons[0], ["other", 968]);
  });
});
