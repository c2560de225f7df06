import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import type { ExtensionsScenario } from "../measure/scenarios.ts";
import { fixed, none, rateText, spreadText } from "./cells.ts";
import { echoFigures, errorsOf } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";

/** The table of echo calls with extensions beside the function; empty when there are none. */
export function extensionsText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) =>
    result.scenario.kind === "extensions" ? rowsOf(result, result.scenario) : [],
  );
  if (rows.length === 0) return "";
  const head = ["Runtime", "Callers", "Host and extensions", "Calls/s", "±", "÷ without"];
  head.push("p50 ms", "p99 ms", "max ms", "CPU/call µs", "Extensions' CPU/call µs", "Errors");
  const title = "### Echo calls of 100 B with extensions";
  return `${title}\n\n${markdownTable(head, rows, { textColumns: 3 })}`;
}

function rowsOf({ measurements }: ScenarioResult, scenario: ExtensionsScenario): string[][] {
  return measurements
    .filter(({ samples }) => samples.length > 0)
    .map((measurement) => {
      const figures = echoFigures(measurement);
      return [
        scenario.runtime,
        String(scenario.callers),
        measurement.subject,
        rateText(figures?.callsPerSecond),
        spreadText(figures?.spread),
        ratioToNone(measurement, measurements),
        fixed(figures?.p50Ms, 2),
        fixed(figures?.p99Ms, 2),
        fixed(figures?.maxMs, 1),
        fixed(figures?.cpuPerCallUs, 0),
        fixed(figures?.extensionsCpuPerCallUs, 0),
        String(errorsOf(measurement)),
      ];
    });
}

/** Calls per second over those of the same host without extensions. */
function ratioToNone(measurement: Measurement, all: readonly Measurement[]): string {
  if (measurement.extensions === undefined) return none;
  const host = all.find(
    ({ subject, extensions }) =>
      extensions === undefined && measurement.subject.startsWith(`${subject}, `),
  );
  const without = host === undefined ? undefined : echoFigures(host)?.callsPerSecond;
  const rate = echoFigures(measurement)?.callsPerSecond;
  return without === undefined || rate === undefined ? none : fixed(rate / without, 2);
}
