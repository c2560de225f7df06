import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { peerCommand } from "./host.ts";
import { goFunction } from "./install/parts.ts";
import { runKillTest } from "./kill.ts";
import { prepare } from "./prepare.ts";
import { hasProc } from "./processes.ts";
import { rawCommand } from "./runtimes.ts";

const skip = !hasProc ? "needs /proc" : peerCommand !== undefined ? "lambdad alone" : false;

// The Go function starts in a few milliseconds, so that kills hit running invocations, not starts.
const folder = skip === false ? await prepare(goFunction) : undefined;
const command = folder === undefined ? rawCommand : [join(folder, "function")];

test(
  "each call ends in its own response or one clear error while runtimes are killed (INV-2, INV-3, INV-5, INV-6, INV-12)",
  { skip, timeout: 180_000 },
  async (t) => {
    const report = await runKillTest({
      command,
      callers: 16,
      invocations: 2_000,
      environments: 6,
      killEveryMs: folder === undefined ? 100 : 10,
      timeLimitMs: 150_000,
    });
    t.diagnostic(JSON.stringify(report));
    assert.deepEqual(report.violations, []);
    assert.ok(report.kills >= 10, `Only ${report.kills} kills`);
    assert.ok(report.returned >= 1_000, `Only ${report.returned} calls returned`);
  },
);
