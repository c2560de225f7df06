import { awsNames } from "../aws/aws-subjects.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import { fixed, rateText, spreadText } from "./cells.ts";
import { acceptMs, echoFigures, errorsOf, memorySamples, startSamples } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";
import { median } from "./statistics.ts";

const mib = 1_048_576;

/** The tables of the AWS clients; empty when there are none. */
export function awsText(results: readonly ScenarioResult[]): string {
  const parts = [callsText(results), startsText(results), memoryText(results)];
  return parts.filter((part) => part !== "").join("\n\n");
}

function callsText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) =>
    result.scenario.kind === "aws" ? callRows(result) : [],
  );
  if (rows.length === 0) return "";
  const head = ["Calls", "Client", "CPU/call µs", "SDK's CPU ÷ its", "Calls/s", "±"];
  head.push("p50 ms", "p99 ms", "max ms", "Errors");
  return `### Calls of AWS clients\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function callRows({ scenario, measurements }: ScenarioResult): string[][] {
  const sdk = measurements.find(({ subject }) => subject === awsNames.sdk);
  return measured(measurements).map((measurement) => {
    const figures = echoFigures(measurement);
    return [
      scenario.name.replace("aws-", ""),
      measurement.subject,
      fixed(figures?.callerCpuPerCallUs, 1),
      fixed(sdk === undefined ? undefined : cpuRatio(measurement, sdk), 2),
      rateText(figures?.callsPerSecond),
      spreadText(figures?.spread),
      fixed(figures?.p50Ms, 2),
      fixed(figures?.p99Ms, 2),
      fixed(figures?.maxMs, 1),
      String(errorsOf(measurement)),
    ];
  });
}

/** CPU time of a call of the other over that of this one: the median of the ratios of each round. */
export function cpuRatio(measurement: Measurement, other: Measurement): number | undefined {
  const [ours, theirs] = [measurement, other].map(({ samples }) =>
    samples.map((sample) =>
      sample.kind === "echo" && sample.calls > 0 ? sample.generatorCpuMs / sample.calls : undefined,
    ),
  );
  const ratios = (ours ?? []).flatMap((cpuMs, round) => {
    const otherMs = theirs?.[round];
    return cpuMs === undefined || otherMs === undefined || cpuMs === 0 ? [] : [otherMs / cpuMs];
  });
  return median(ratios);
}

function startsText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ scenario, measurements }) => {
    if (scenario.kind !== "aws-start") return [];
    const what = scenario.operation === undefined ? "import, client made" : "with a first call";
    return measured(measurements).map((measurement) => {
      const times = startSamples(measurement).map((sample) => sample.acceptMs);
      return [
        what,
        measurement.subject,
        fixed(acceptMs(measurement), 1),
        fixed(Math.min(...times), 1),
        fixed(Math.max(...times), 1),
        String(times.length),
      ];
    });
  });
  if (rows.length === 0) return "";
  const head = ["From start to end of a process", "Client", "ms", "fastest", "slowest", "Starts"];
  return `### Start of AWS clients\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function memoryText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap(({ scenario, measurements }) => {
    if (scenario.kind !== "aws-memory") return [];
    return measured(measurements).map((measurement) => {
      const [sample] = memorySamples(measurement);
      return [
        scenario.calls.toLocaleString("en-US"),
        measurement.subject,
        mebibytes(sample?.idleBytes),
        mebibytes(sample?.peakBytes),
        mebibytes(sample?.afterBytes),
        String(errorsOf(measurement)),
      ];
    });
  });
  if (rows.length === 0) return "";
  const head = ["Calls", "Client", "After 1,000, MB", "At most, MB", "At the end, MB", "Errors"];
  const title = "### Resident memory of AWS clients, S3 get of 1 KB, 64 in flight";
  return `${title}\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function measured(measurements: readonly Measurement[]): Measurement[] {
  return measurements.filter(({ samples }) => samples.length > 0);
}

function mebibytes(bytes: number | undefined): string {
  return fixed(bytes === undefined ? undefined : bytes / mib, 0);
}
