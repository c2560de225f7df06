import { join } from "node:path";
import { installPart } from "./install/install-part.ts";
import { goFunction } from "./install/parts.ts";
import { type KillReport, runKillTest } from "./kill.ts";
import { rawCommand } from "./runtimes.ts";
import type { Soak } from "./soak-options.ts";
import { SoakProgress } from "./soak-progress.ts";

/** Runtimes are killed under load. */
export const killSoak: Soak = {
  usage: `kill          callers invoke while runtimes are killed with SIGKILL at random

  --invocations N    20000
  --callers N        16
  --environments N   6; MAX_CONCURRENCY of the daemon
  --kill-every MS    10; mean pause between two kills
  --minutes N        10; the run is cut, and fails, after this time
  --runtime NAME     go; or raw, which needs no toolchain
`,
  defaults: {
    invocations: 20_000,
    callers: 16,
    environments: 6,
    "kill-every": 10,
    minutes: 10,
  },
  choices: { runtime: ["go", "raw"] },

  async run({ number, choice }): Promise<readonly string[]> {
    const go = choice("runtime") === "go";
    const command = go ? [join(await installPart(goFunction), "function")] : rawCommand;
    const startedAt = performance.now();
    const invocations = number("invocations");
    const progress = new SoakProgress();
    const report = await runKillTest({
      command,
      callers: number("callers"),
      invocations,
      environments: number("environments"),
      killEveryMs: number("kill-every"),
      timeLimitMs: number("minutes") * 60_000,
      onProgress: (soFar) => progress.show(() => progressText(soFar, invocations)),
    });
    progress.clear();
    const { violations, failed, ...figures } = report;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.table({ ...figures, ...failed, seconds, violations: violations.length });
    return violations;
  },
};

function progressText({ returned, failed, kills, violations }: KillReport, total: number): string {
  const errors = Object.values(failed).reduce((sum, count) => sum + count, 0);
  return `${returned + errors} of ${total} calls, ${errors} errors, ${kills} kills, ${violations.length} violations`;
}
