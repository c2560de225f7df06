import type { ScenarioResult } from "../measure/measurement.ts";
import { fixed, rateText, spreadText } from "./cells.ts";
import { echoFigures, errorsOf } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";

/** The table of the stores; empty when there are none. */
export function storesText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) =>
    result.scenario.kind === "stores" ? storeRows(result) : [],
  );
  if (rows.length === 0) return "";
  const head = ["Objects, 64 in flight", "Store", "Per second", "±", "CPU/call µs"];
  head.push("p50 ms", "p99 ms", "Errors");
  return `### Object stores\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function storeRows({ scenario, measurements }: ScenarioResult): string[][] {
  return measurements.flatMap((measurement) => {
    const figures = echoFigures(measurement);
    if (figures === undefined) return [];
    return [
      [
        scenario.name.replace("stores-", ""),
        measurement.subject,
        rateText(figures.callsPerSecond),
        spreadText(figures.spread),
        fixed(figures.callerCpuPerCallUs, 1),
        fixed(figures.p50Ms, 2),
        fixed(figures.p99Ms, 2),
        String(errorsOf(measurement)),
      ],
    ];
  });
}
