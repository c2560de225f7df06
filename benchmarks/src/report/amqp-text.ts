import { pairNames } from "../amqp/amqp-pairs.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import type { AmqpScenario } from "../measure/scenarios.ts";
import { fixed, rateText, spreadText } from "./cells.ts";
import { echoFigures, errorsOf } from "./figures.ts";
import { markdownTable } from "./markdown-table.ts";

/** The table of echo calls through queues; empty when there are none. */
export function amqpText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) =>
    result.scenario.kind === "amqp" ? rowsOf(result, result.scenario) : [],
  );
  if (rows.length === 0) return "";
  const head = ["Body", "In flight", "Pair", "Calls/s", "±", "lambda-runtime ÷ pair"];
  head.push("p50 ms", "p99 ms", "max ms", "CPU/call µs: host", "caller", "broker", "Errors");
  return `### Echo calls over AMQP\n\n${markdownTable(head, rows, { textColumns: 3 })}`;
}

function rowsOf({ measurements }: ScenarioResult, scenario: AmqpScenario): string[][] {
  const own = measurements.find(({ subject }) => subject === pairNames.runtime);
  const ownRate = own === undefined ? undefined : echoFigures(own)?.callsPerSecond;
  return measurements
    .filter(({ samples }) => samples.length > 0)
    .map((measurement) => rowOf(measurement, scenario, ownRate));
}

function rowOf(
  measurement: Measurement,
  scenario: AmqpScenario,
  ownRate: number | undefined,
): string[] {
  const figures = echoFigures(measurement);
  const rate = figures?.callsPerSecond;
  const isOwn = measurement.subject === pairNames.runtime;
  const ratio = isOwn || ownRate === undefined || rate === undefined ? undefined : ownRate / rate;
  return [
    scenario.name.split("-")[1] ?? "",
    String(scenario.inFlight),
    measurement.subject,
    rateText(rate),
    spreadText(figures?.spread),
    fixed(ratio, 2),
    fixed(figures?.p50Ms, 2),
    fixed(figures?.p99Ms, 2),
    fixed(figures?.maxMs, 1),
    fixed(figures?.cpuPerCallUs, 0),
    fixed(figures?.callerCpuPerCallUs, 0),
    fixed(figures?.brokerCpuPerCallUs, 0),
    String(errorsOf(measurement)),
  ];
}
