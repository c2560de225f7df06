import type { BenchTally } from "./bench-tally.ts";
import type { LoadEnd } from "./load.ts";

/** What a bench measured: the object that `--json` prints. Times are milliseconds unless named. */
export interface BenchReport {
  readonly function: string;
  readonly endpoint: string;
  readonly callers: number;
  readonly payloadBytes: number;
  readonly stream: boolean;
  readonly end: LoadEnd;
  readonly durationSeconds: number;
  readonly calls: number;
  readonly callsPerSecond: number;
  /** Bytes of response bodies. */
  readonly bytesReceived: number;
  readonly returned: number;
  readonly functionErrors: number;
  readonly hostErrors: number;
  /** Host errors by AWS's name or the system's code. */
  readonly hostErrorsByReason: Readonly<Record<string, number>>;
  readonly statuses: Readonly<Record<string, number>>;
  /** Of the calls that the function answered. */
  readonly latencyMs: Readonly<
    Record<"min" | "mean" | "p50" | "p90" | "p99" | "p999" | "max", number>
  >;
}

/** What the report says besides what was counted. */
export interface BenchFacts extends Pick<
  BenchReport,
  "function" | "endpoint" | "callers" | "payloadBytes" | "stream" | "end"
> {
  readonly elapsedMs: number;
}

/** Makes the report. Pure. Rates are over the calls that ended within the time measured. */
export function makeReport({ elapsedMs, ...facts }: BenchFacts, tally: BenchTally): BenchReport {
  const { latency } = tally;
  const seconds = elapsedMs / 1000;
  return {
    ...facts,
    durationSeconds: rounded(seconds, 3),
    calls: tally.calls,
    callsPerSecond: seconds > 0 ? rounded(tally.calls / seconds, 1) : 0,
    bytesReceived: tally.bytesReceived,
    returned: tally.returned,
    functionErrors: tally.functionFailed,
    hostErrors: tally.hostFailed,
    hostErrorsByReason: Object.fromEntries(tally.reasons),
    statuses: Object.fromEntries(tally.statuses),
    latencyMs: {
      min: rounded(latency.minMs, 3),
      mean: rounded(latency.meanMs, 3),
      p50: rounded(latency.quantileMs(0.5), 3),
      p90: rounded(latency.quantileMs(0.9), 3),
      p99: rounded(latency.quantileMs(0.99), 3),
      p999: rounded(latency.quantileMs(0.999), 3),
      max: rounded(latency.maxMs, 3),
    },
  };
}

/** The report as a table for people, ended by a newline. Pure. */
export function renderReport(report: BenchReport): string {
  const { latencyMs, durationSeconds, calls } = report;
  const mebibytes = report.bytesReceived / 1024 / 1024;
  const rate = durationSeconds > 0 ? mebibytes / durationSeconds : 0;
  const early = report.end === "interrupted" ? ", ended early" : "";
  const callers = `${report.callers} caller${report.callers === 1 ? "" : "s"}`;
  const rows: readonly (readonly [string, string])[] = [
    ["Function", `${report.function} at ${report.endpoint}${report.stream ? ", streamed" : ""}`],
    ["Load", `${callers}, payload ${count(report.payloadBytes)} B`],
    ["Calls", `${count(calls)} in ${durationSeconds.toFixed(2)} s${early}`],
    ["Throughput", `${count(report.callsPerSecond)} calls/s, ${rate.toFixed(2)} MiB/s received`],
    ["Returned", count(report.returned)],
    ["Function errors", count(report.functionErrors)],
    ["Host errors", count(report.hostErrors) + breakdown(report.hostErrorsByReason)],
    ["Statuses", list(report.statuses) || "none"],
  ];
  const lines = rows.map(([name, value]) => `${name.padEnd(17)}${value}`);
  const names = Object.keys(latencyMs);
  const values = Object.values(latencyMs).map((value) => value.toFixed(3));
  const widths = values.map((value, index) => Math.max(value.length, names[index]?.length ?? 0));
  const row = (cells: readonly string[]): string =>
    cells.map((cell, index) => cell.padStart(widths[index] ?? 0)).join("  ");
  lines.push("", `Latency in ms    ${row(names)}`, `                 ${row(values)}`);
  return `${lines.join("\n")}\n`;
}

function breakdown(counts: Readonly<Record<string, number>>): string {
  const text = list(counts);
  return text === "" ? "" : ` (${text})`;
}

function list(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .map(([name, value]) => `${name}: ${count(value)}`)
    .join(", ");
}

/** `1234567.5` as `1,234,567.5`, in every locale. */
function count(value: number): string {
  return value.toLocaleString("en-US");
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
