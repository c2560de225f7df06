import { type AuditedReport, runAudited } from "./audit/audited-run.ts";
import { flatGrowth } from "./memory-samples.ts";
import type { Soak } from "./soak-options.ts";
import { SoakProgress } from "./soak-progress.ts";

const mib = 1_048_576;

/**
 * What the daemon may hold more under overload: some MiB of records that wait, and what the collector
 * leaves lying when that many lines pass. The function writes several times as much.
 */
const overloadBytesMax = 96 * mib;

/** What an invocation writes in the second part: far more than a slow subscriber takes. */
const overload = { lines: 100, filler: 200, slowMs: 2_000 } as const;

/** An extension audits its telemetry, first at its ease, then while its listener is too slow. */
export const extensionsSoak: Soak = {
  usage: `extensions    callers invoke a function that writes lines, beside an extension that audits its telemetry

  --invocations N    100000
  --callers N        4
  --environments N   2; MAX_CONCURRENCY of the daemon, each with an extension of its own
  --lines N          2; lines that each invocation writes to each of three outputs
  --overload N       10000; invocations of a second part, in which the listener of the extension is slow
  --minutes N        15; a part is cut, and fails, after this time
`,
  defaults: {
    invocations: 100_000,
    callers: 4,
    environments: 2,
    lines: 2,
    overload: 10_000,
    minutes: 15,
  },
  choices: {},

  async run({ number }): Promise<readonly string[]> {
    const timeLimitMs = number("minutes") * 60_000;
    const callers = number("callers");
    const steady = await part("At ease", number("invocations"), {
      callers,
      timeLimitMs,
      environments: number("environments"),
      lines: number("lines"),
      filler: 60,
      slowMs: 0,
      slowInvocations: 0,
    });
    const violations = [...steady.violations, ...memoryViolations(steady)];
    const slow = await part("Too slow a listener", number("overload"), {
      callers,
      timeLimitMs,
      environments: 1,
      ...overload,
      // It gets well before the end, so that all is accounted for when it ends.
      slowInvocations: Math.ceil(0.95 * number("overload")),
    });
    violations.push(...slow.violations);
    const growth = slow.memory.maxBytes - steady.memory.maxBytes;
    if (growth > overloadBytesMax) {
      violations.push(`${mebibytes(growth)} MiB more were held under overload`);
    }
    if (slow.dropped.records === 0) violations.push("Nothing was dropped under overload");
    return violations;
  },
};

async function part(
  title: string,
  invocations: number,
  options: Omit<Parameters<typeof runAudited>[0], "invocations" | "onProgress">,
): Promise<AuditedReport> {
  const progress = new SoakProgress();
  const report = await runAudited({
    ...options,
    invocations,
    onProgress: (done) => progress.show(() => `${title}: ${done} of ${invocations} calls`),
  });
  progress.clear();
  console.log(`${title}:`);
  console.table(
    report.memory.tenths().map((tenth, index) => ({
      tenth: index + 1,
      "calls/s": Math.round(report.rates[index] ?? 0),
      "resident, median MiB": mebibytes(tenth?.medianBytes),
      "resident, most MiB": mebibytes(tenth?.maxBytes),
      samples: tenth?.samples ?? 0,
    })),
  );
  const { delivered, dropped, missing, seconds } = report;
  const growth = report.memory.growth();
  console.table({
    invocations: report.invocations,
    seconds: seconds.toFixed(1),
    "platform records": delivered.platform,
    "function records": delivered.function,
    "extension records": delivered.extension,
    "records missing": missing,
    "records that logsDropped tells of": dropped.records,
    "MiB that the function wrote": mebibytes(report.writtenBytes),
    "growth from the second to the last tenth, MiB": mebibytes(growth?.bytes),
    violations: report.violations.length,
  });
  return report;
}

function memoryViolations({ memory }: AuditedReport): string[] {
  const growth = memory.growth();
  if (growth === undefined) return ["There are too few samples of memory"];
  if (growth.isFlat) return [];
  const { share, bytes } = flatGrowth;
  return [
    `Memory is not flat: it grew by ${mebibytes(growth.bytes)} MiB from the second to the last tenth, and ${100 * share} % and ${mebibytes(bytes)} MiB are noise`,
  ];
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? "" : (bytes / mib).toFixed(1);
}
