import { type AwsFaultReport, runAwsFaults } from "./aws-faults/run-aws-faults.ts";
import type { Soak } from "./soak-options.ts";
import { SoakProgress } from "./soak-progress.ts";

/** Calls of the AWS client through a proxy that harms connections. */
export const awsSoak: Soak = {
  usage: `aws           the AWS client calls through a proxy that harms its connections

  --calls N          100000
  --in-flight N      64; calls at once
  --connections N    32; at most
  --harmed N         20; of 100 connections
  --failing N        5; of 100 answers
  --seed N           1; of the faults
  --minutes N        10; the run is cut, and fails, after this time
`,
  defaults: {
    calls: 100_000,
    "in-flight": 64,
    connections: 32,
    harmed: 20,
    failing: 5,
    seed: 1,
    minutes: 10,
  },
  choices: {},

  async run({ number }): Promise<readonly string[]> {
    const calls = number("calls");
    const startedAt = performance.now();
    const progress = new SoakProgress();
    const report = await runAwsFaults({
      calls,
      inFlight: number("in-flight"),
      maxConnections: number("connections"),
      connectionFaultRate: number("harmed") / 100,
      answerFaultRate: number("failing") / 100,
      seed: number("seed"),
      timeLimitMs: number("minutes") * 60_000,
      onProgress: (soFar) => progress.show(() => progressText(soFar, calls)),
    });
    progress.clear();
    const { violations, failed, faults, ...figures } = report;
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.table({ ...figures, seconds, violations: violations.length });
    console.table({ ...failed, ...faults });
    return violations;
  },
};

function progressText(
  { returned, aborted, failed, violations }: AwsFaultReport,
  total: number,
): string {
  const errors = Object.values(failed).reduce((sum, count) => sum + count, 0);
  return `${returned + aborted + errors} of ${total} calls, ${errors} errors, ${violations.length} violations`;
}
