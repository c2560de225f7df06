import { transferNames } from "../transfers/transfer-subjects.ts";
import type { Measurement, ScenarioResult, TransferSample } from "../measure/measurement.ts";
import { fixed } from "./cells.ts";
import { errorsOf } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";
import { median } from "./statistics.ts";

const mib = 1_048_576;
const gib = 1_073_741_824;

/** The table of the transfers; empty when there are none. */
export function transfersText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) =>
    result.scenario.kind === "transfers" ? transferRows(result) : [],
  );
  if (rows.length === 0) return "";
  const head = ["Transfer of a file", "Client", "CPU s/GiB", "lib-storage's CPU ÷ its", "MiB/s"];
  head.push("Resident before, MB", "at most, MB", "Errors");
  return `### Managed transfers\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function transferRows({ scenario, measurements }: ScenarioResult): string[][] {
  const sdk = measurements.find(({ subject }) => subject === transferNames.sdk);
  return measurements.flatMap((measurement) => {
    const samples = transferSamples(measurement);
    if (samples.length === 0) return [];
    const rates = samples.map(({ bytes, seconds }) => bytes / mib / seconds);
    return [
      [
        scenario.name.replace("transfers-", ""),
        measurement.subject,
        fixed(median(samples.map(cpuSeconds)), 2),
        fixed(sdk === undefined ? undefined : transferCpuRatio(measurement, sdk), 2),
        fixed(median(rates), 0),
        fixed(median(samples.map(({ beforeBytes }) => beforeBytes / mib)), 0),
        fixed(Math.max(...samples.map(({ peakBytes }) => peakBytes / mib)), 0),
        String(errorsOf(measurement)),
      ],
    ];
  });
}

/** Those that ended well. */
export function transferSamples({ samples }: Measurement): TransferSample[] {
  return samples.filter(
    (sample): sample is TransferSample => sample.kind === "transfer" && sample.errors === 0,
  );
}

function cpuSeconds({ cpuMs, bytes }: TransferSample): number {
  return (cpuMs / 1_000) * (gib / bytes);
}

/** CPU time of the other over that of this one: the median of the ratios of each round. */
export function transferCpuRatio(measurement: Measurement, other: Measurement): number | undefined {
  const ratios = measurement.samples.flatMap((sample, round) => {
    const theirs = other.samples[round];
    if (sample.kind !== "transfer" || theirs?.kind !== "transfer") return [];
    if (sample.errors + theirs.errors > 0 || sample.cpuMs === 0) return [];
    return [theirs.cpuMs / sample.cpuMs];
  });
  return median(ratios);
}
