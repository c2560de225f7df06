import assert from "node:assert/strict";
import { test } from "node:test";
import { peerCommand } from "../host.ts";
import { hasProc } from "../processes.ts";
import { runAudited } from "./audited-run.ts";

const skip = !hasProc ? "needs /proc" : peerCommand !== undefined ? "lambdad alone" : false;
const mib = 1_048_576;
const options = { callers: 3, filler: 40, slowMs: 0, slowInvocations: 0, timeLimitMs: 60_000 };

// The long forms: npm run soak -- extensions
test(
  "an extension and its telemetry subscriber get every record of every invocation once and in order (EX-5)",
  { skip, timeout: 90_000 },
  async (t) => {
    const report = await runAudited({ ...options, invocations: 400, environments: 2, lines: 2 });
    const { violations, delivered, dropped, memory } = report;
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(violations, []);
    assert.equal(dropped.records, 0);
    assert.equal(delivered.function, 400 * 2 * 3);
    assert.ok(memory.maxBytes < 300 * mib, `${memory.maxBytes} bytes resident`);
  },
);

test(
  "a destination that is too slow loses what logsDropped tells, and no more (EX-5, INV-8)",
  { skip, timeout: 90_000 },
  async (t) => {
    const report = await runAudited({
      ...options,
      invocations: 200,
      environments: 1,
      lines: 40,
      slowMs: 4_000,
      slowInvocations: 180,
    });
    const { violations, dropped, memory } = report;
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(violations, []);
    assert.ok(dropped.records > 0, "nothing was dropped, so nothing is proven");
    assert.ok(memory.maxBytes < 300 * mib, `${memory.maxBytes} bytes resident`);
  },
);
