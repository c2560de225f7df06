import { join } from "node:path";
import { parseArgs } from "node:util";
import { installPart } from "./install/install-part.ts";
import { goFunction } from "./install/parts.ts";
import { type KillReport, runKillTest } from "./kill.ts";
import { rawCommand } from "./runtimes.ts";

const usage = `Usage: npm run soak -- kill [options]

kill    callers invoke while runtimes are killed with SIGKILL at random

  --invocations N    20000
  --callers N        16
  --environments N   6; MAX_CONCURRENCY of the daemon
  --kill-every MS    10; mean pause between two kills
  --minutes N        10; the run is cut, and fails, after this time
  --runtime NAME     go; or raw, which needs no toolchain

Ends with status 1 when something happened that must never happen.`;

interface SoakOptions {
  readonly invocations: number;
  readonly callers: number;
  readonly environments: number;
  readonly "kill-every": number;
  readonly minutes: number;
  readonly runtime: string;
}

function parse(args: readonly string[]): SoakOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      invocations: { type: "string", default: "20000" },
      callers: { type: "string", default: "16" },
      environments: { type: "string", default: "6" },
      "kill-every": { type: "string", default: "10" },
      minutes: { type: "string", default: "10" },
      runtime: { type: "string", default: "go" },
    },
  });
  const name = positionals.join(" ");
  if (name !== "kill") throw new TypeError(`Unknown soak '${name}'`);
  const positive = (option: Exclude<keyof SoakOptions, "runtime">): number => {
    const value = Number(values[option]);
    if (Number.isInteger(value) && value > 0) return value;
    throw new RangeError(
      `--${option} must be a positive integer: current value is '${values[option]}'`,
    );
  };
  if (values.runtime !== "go" && values.runtime !== "raw") {
    throw new RangeError(`--runtime must be go or raw: current value is '${values.runtime}'`);
  }
  return {
    invocations: positive("invocations"),
    callers: positive("callers"),
    environments: positive("environments"),
    "kill-every": positive("kill-every"),
    minutes: positive("minutes"),
    runtime: values.runtime,
  };
}

/** One line that is written over on a terminal; one every 10 s elsewhere. */
function progressLine(total: number): (report: KillReport) => void {
  const everyMs = process.stderr.isTTY ? 200 : 10_000;
  let lastAt = performance.now();
  return ({ returned, failed, kills, violations }) => {
    if (performance.now() - lastAt < everyMs) return;
    lastAt = performance.now();
    const errors = Object.values(failed).reduce((sum, count) => sum + count, 0);
    const text = `${returned + errors} of ${total} calls, ${errors} errors, ${kills} kills, ${violations.length} violations`;
    process.stderr.write(process.stderr.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  };
}

async function soak(options: SoakOptions): Promise<boolean> {
  const go = options.runtime === "go";
  const command = go ? [join(await installPart(goFunction), "function")] : rawCommand;
  const startedAt = performance.now();
  const report = await runKillTest({
    command,
    callers: options.callers,
    invocations: options.invocations,
    environments: options.environments,
    killEveryMs: options["kill-every"],
    timeLimitMs: options.minutes * 60_000,
    onProgress: progressLine(options.invocations),
  });
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
  const { violations, failed, ...figures } = report;
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.table({ ...figures, ...failed, seconds, violations: violations.length });
  for (const violation of violations) console.error(`Violation: ${violation}`);
  return violations.length === 0;
}

try {
  const args = process.argv.slice(2);
  if (args.length === 0 || args.includes("--help")) console.log(usage);
  else if (!(await soak(parse(args)))) process.exitCode = 1;
} catch (error) {
  const known = error instanceof RangeError || error instanceof TypeError;
  console.error(known ? `${error.message}\n\n${usage}` : error);
  process.exitCode = 2;
}
