import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import type { EchoScenario } from "../measure/scenarios.ts";
import type { LambdadCommand } from "../subject/subjects.ts";
import { amqpText } from "./amqp-text.ts";
import { awsText } from "./aws-text.ts";
import { extensionsText } from "./extensions-text.ts";
import { judgeBudgets } from "./budgets.ts";
import { fixed, none, rateText, spreadText } from "./cells.ts";
import {
  acceptMs,
  echoFigures,
  errorsOf,
  lambdadOf,
  memorySamples,
  startSamples,
  streamSamples,
} from "./figures.ts";
import { type Machine, machineText } from "./machine.ts";
import { markdownTable } from "./markdown-table.ts";
import { median } from "./statistics.ts";
import { storesText } from "./stores-text.ts";
import { transfersText } from "./transfers-text.ts";

const mib = 1_048_576;
const troubleCharsMax = 500;

export interface ReportOptions {
  /** Hold the figures against the budgets. */
  readonly judged: boolean;
  readonly origin: LambdadCommand["origin"];
}

/** The whole report, in Markdown. */
export function report(
  machine: Machine,
  results: readonly ScenarioResult[],
  { judged, origin }: ReportOptions,
): string {
  const parts = [
    `${machineText(machine)} · lambdad from: ${origin}`,
    ...(judged ? [budgetsText(results, origin)] : []),
    startText(results),
    echoText(results, "go", "Echo calls, Go runtime (aws-lambda-go)"),
    echoText(results, "node", "Echo calls, Node runtime"),
    extensionsText(results),
    streamText(results),
    memoryText(results),
    amqpText(results),
    awsText(results),
    storesText(results),
    transfersText(results),
    troubleText(results),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function budgetsText(results: readonly ScenarioResult[], origin: LambdadCommand["origin"]): string {
  const verdicts = judgeBudgets(results, origin);
  if (verdicts.length === 0) return "";
  const rows = verdicts.map((one) => [
    one.what,
    one.budget,
    one.measured,
    one.verdict,
    one.lowerBound ?? none,
  ]);
  const head = ["What", "Budget", "Measured", "Verdict", "Lower bound"];
  return `### Budgets\n\n${markdownTable(head, rows, { textColumns: 5 })}`;
}

function startText(results: readonly ScenarioResult[]): string {
  const result = results.find(({ scenario }) => scenario.kind === "start");
  if (result === undefined) return "";
  const rows = withFigures(result).map((measurement) => {
    const samples = startSamples(measurement);
    const times = samples.map((sample) => sample.acceptMs);
    const answers = samples.flatMap(({ firstAnswerMs }) => firstAnswerMs ?? []);
    return [
      measurement.subject,
      fixed(acceptMs(measurement), 1),
      fixed(Math.min(...times), 1),
      fixed(Math.max(...times), 1),
      fixed(median(answers), 1),
      String(samples.length),
    ];
  });
  const head = ["Host", "Accepts, ms", "fastest", "slowest", "First answer, ms", "Starts"];
  return `### Start\n\n${markdownTable(head, rows, { textColumns: 1 })}`;
}

function echoText(results: readonly ScenarioResult[], runtime: string, title: string): string {
  const rows = results.flatMap((result) => {
    const { scenario } = result;
    if (scenario.kind !== "echo" || scenario.runtime !== runtime) return [];
    return echoRows(result, scenario);
  });
  if (rows.length === 0) return "";
  const head = ["Payload", "Callers", "Host", "Calls/s", "±", "lambdad ÷ host"];
  head.push("p50 ms", "p90 ms", "p99 ms", "max ms", "CPU/call µs", "Errors");
  return `### ${title}\n\n${markdownTable(head, rows, { textColumns: 3 })}`;
}

function echoRows(result: ScenarioResult, scenario: EchoScenario): string[][] {
  const ours = lambdadOf(result);
  const ourRate = ours === undefined ? undefined : echoFigures(ours)?.callsPerSecond;
  return withFigures(result).map((measurement) => {
    const figures = echoFigures(measurement);
    const ratio =
      measurement.role === "lambdad" || ourRate === undefined || figures === undefined
        ? undefined
        : ourRate / figures.callsPerSecond;
    return [
      scenario.name.split("-")[1] ?? "",
      String(scenario.callers),
      measurement.subject,
      rateText(figures?.callsPerSecond),
      spreadText(figures?.spread),
      fixed(ratio, 2),
      fixed(figures?.p50Ms, 2),
      fixed(figures?.p90Ms, 2),
      fixed(figures?.p99Ms, 2),
      fixed(figures?.maxMs, 1),
      fixed(figures?.cpuPerCallUs, 0),
      String(errorsOf(measurement)),
    ];
  });
}

function streamText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) => {
    const { scenario } = result;
    if (scenario.kind !== "stream") return [];
    const what = scenario.pauseMs === 0 ? "at full speed" : `reader stops ${scenario.pauseMs} ms`;
    return withFigures(result).map((measurement) => {
      const samples = streamSamples(measurement).filter(({ failure }) => failure === undefined);
      const cpuMs = samples.flatMap(({ daemonCpuMs }) => daemonCpuMs ?? []);
      return [
        `${scenario.bytes / 1e6} MB, ${scenario.runtime.split("-")[0]}, ${what}`,
        measurement.subject,
        fixed(median(samples.map(({ bytes, seconds }) => bytes / 1e6 / seconds)), 0),
        fixed(median(samples.map(({ firstByteMs }) => firstByteMs)), 1),
        fixed(median(cpuMs), 0),
        mebibytes(median(samples.flatMap(({ beforeBytes }) => beforeBytes ?? []))),
        mebibytes(median(samples.flatMap(({ peakBytes }) => peakBytes ?? []))),
      ];
    });
  });
  if (rows.length === 0) return "";
  const head = ["Streamed response", "Host", "MB/s", "First byte, ms", "Daemon CPU, ms"];
  head.push("Resident before, MB", "at most, MB");
  return `### Streamed responses\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function memoryText(results: readonly ScenarioResult[]): string {
  const rows = results.flatMap((result) => {
    const { scenario } = result;
    if (scenario.kind !== "memory") return [];
    return withFigures(result).map((measurement) => {
      const samples = memorySamples(measurement);
      return [
        scenario.runtime,
        measurement.subject,
        mebibytes(median(samples.map(({ idleBytes }) => idleBytes))),
        mebibytes(median(samples.map(({ peakBytes }) => peakBytes))),
        mebibytes(median(samples.map(({ afterBytes }) => afterBytes))),
        String(samples.reduce((sum, { calls }) => sum + calls, 0)),
        String(errorsOf(measurement)),
      ];
    });
  });
  if (rows.length === 0) return "";
  const head = ["Runtime", "Host", "Idle, MB", "At most, MB", "After, MB", "Calls", "Errors"];
  const title = "### Resident memory of the daemon's process, 6 MB payloads, 8 callers";
  return `${title}\n\n${markdownTable(head, rows, { textColumns: 2 })}`;
}

function troubleText(results: readonly ScenarioResult[]): string {
  const lines = results.flatMap(({ scenario, measurements }) =>
    measurements.flatMap((measurement) => {
      const { subject, failure, skipped } = measurement;
      if (skipped !== undefined) {
        return [`- ${scenario.name}, ${subject}: not measured: ${skipped}`];
      }
      const texts = new Set(failure === undefined ? [] : [failure]);
      for (const sample of measurement.samples) {
        if ("errorTexts" in sample) for (const text of sample.errorTexts) texts.add(text);
      }
      return [...texts].map((text) => `- ${scenario.name}, ${subject}: ${oneLine(text)}`);
    }),
  );
  return lines.length === 0 ? "" : `### Not measured, and errors\n\n${lines.join("\n")}`;
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim().slice(0, troubleCharsMax);
}

function withFigures({ measurements }: ScenarioResult): Measurement[] {
  return measurements.filter(({ samples }) => samples.length > 0);
}

function mebibytes(bytes: number | undefined): string {
  return bytes === undefined ? none : (bytes / mib).toFixed(0);
}
