import { pairNames } from "../amqp/amqp-pairs.ts";
import type { Measurement, ScenarioResult } from "../measure/measurement.ts";
import type { BudgetVerdict } from "./budget-verdict.ts";
import { echoFigures, echoSamples } from "./figures.ts";
import { median } from "./statistics.ts";

const bareRatioMin = 0.9;
const pikaRatioMin = 3;
const serverMsMax = 0.4;

/** The scenario of the design's budget, and the one in which the server's part is looked for. */
const throughputScenario = "amqp-11B-1000";
const latencyScenario = "amqp-11B-1";

/** Holds the runtime against the bare pairs, and the server against AMQP alone. */
export function judgeAmqp(results: readonly ScenarioResult[]): BudgetVerdict[] {
  const named = (name: string) => results.find(({ scenario }) => scenario.name === name);
  const throughput = named(throughputScenario);
  const latency = named(latencyScenario);
  return [
    ...(throughput === undefined
      ? []
      : [
          judgeRate(throughput, pairNames.bare, bareRatioMin),
          judgeRate(throughput, pairNames.pika, pikaRatioMin),
        ]),
    ...(latency === undefined ? [] : [judgeServer(latency)]),
  ];
}

/** The median of the ratios of each round: of two measurements that were made close to each other. */
function judgeRate(result: ScenarioResult, pair: string, ratioMin: number): BudgetVerdict {
  const what = "lambda-runtime and its caller library, 11 B, 1000 in flight";
  const budget = `at least ${ratioMin} × ${pair}`;
  const [ours, theirs] = [pairNames.runtime, pair].map((name) => echoesOf(result, name));
  const ratios = (ours ?? []).flatMap((sample, round) => {
    const other = theirs?.[round];
    if (other === undefined) return [];
    const ratio = sample.calls / sample.seconds / (other.calls / other.seconds);
    return Number.isFinite(ratio) ? [ratio] : [];
  });
  const ratio = median(ratios);
  if (ratio === undefined) return { what, budget, measured: "no figure", verdict: "not measured" };
  const verdict = ratio >= ratioMin ? "pass" : "miss";
  return { what, budget, measured: `${ratio.toFixed(2)} ×`, verdict };
}

function judgeServer(result: ScenarioResult): BudgetVerdict {
  const what = "lambdad server in front of a queue, 11 B, 1 in flight, p50";
  const budget = `at most ${serverMsMax} ms over AMQP alone`;
  const [server, alone] = [pairNames.server, pairNames.runtimeJson].map((name) => {
    const measurement = measurementOf(result, name);
    return measurement === undefined ? undefined : echoFigures(measurement)?.p50Ms;
  });
  if (server === undefined || alone === undefined) {
    return { what, budget, measured: "no figure", verdict: "not measured" };
  }
  const added = server - alone;
  const measured = `${added.toFixed(2)} ms (${server.toFixed(2)}, ${alone.toFixed(2)})`;
  return { what, budget, measured, verdict: added <= serverMsMax ? "pass" : "miss" };
}

function measurementOf({ measurements }: ScenarioResult, name: string): Measurement | undefined {
  return measurements.find(({ subject }) => subject === name);
}

function echoesOf(result: ScenarioResult, name: string): ReturnType<typeof echoSamples> {
  const measurement = measurementOf(result, name);
  return measurement === undefined ? [] : echoSamples(measurement);
}
