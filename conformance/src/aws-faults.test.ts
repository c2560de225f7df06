import assert from "node:assert/strict";
import { test } from "node:test";
import { runAwsFaults } from "./aws-faults/run-aws-faults.ts";

// The short form of `npm run soak -- aws`.
test(
  "each call of the AWS client ends once, in its own answer or an error, while connections and answers fail (CL-1, CL-6, CL-8, CL-9, CL-16, CL-17)",
  { timeout: 110_000 },
  async (t) => {
    const report = await runAwsFaults({
      calls: 4000,
      inFlight: 64,
      maxConnections: 16,
      connectionFaultRate: 0.3,
      answerFaultRate: 0.05,
      seed: 7,
      timeLimitMs: 90_000,
    });
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(report.violations, []);
    assert.ok(report.returned > 3000, `Only ${report.returned} calls returned`);
    assert.ok(report.aborted > 0);
    for (const [fault, times] of Object.entries(report.faults)) {
      assert.ok(times > 0, `There was no "${fault}"`);
    }
  },
);
