import { writeFileSync } from "node:fs";
import { measureAmqp } from "./amqp/measure-amqp.ts";
import { type StartedAmqp, startAmqp, stopAmqp } from "./amqp/start-amqp.ts";
import { measureAws } from "./aws/measure-aws.ts";
import { type StartedAws, startAws, stopAws } from "./aws/start-aws.ts";
import { startStores } from "./stores/start-stores.ts";
import { measureTransfers } from "./transfers/measure-transfers.ts";
import {
  type StartedTransfers,
  startTransfers,
  stopTransfers,
} from "./transfers/start-transfers.ts";
import { LoadGenerator } from "./load/load-generator.ts";
import { measureLoad } from "./measure/measure-loads.ts";
import { measureMemory } from "./measure/measure-memory.ts";
import { measureStart } from "./measure/measure-start.ts";
import type { Bench, ScenarioResult } from "./measure/measurement.ts";
import {
  allScenarios,
  type AwsScenario,
  type HostScenario,
  type Scenario,
  selectScenarios,
} from "./measure/scenarios.ts";
import { type BenchOptions, parseOptions, usage } from "./options.ts";
import { judgeBudgets } from "./report/budgets.ts";
import { errorsOf } from "./report/figures.ts";
import { describeMachine } from "./report/machine.ts";
import { Progress } from "./report/progress.ts";
import { report } from "./report/report.ts";
import { buildFloors, buildGoRuntime } from "./runtime/builds.ts";
import { killUnstoppedProcesses } from "./subject/stop-process.ts";
import { allSubjects, findLambdad, withExtensions } from "./subject/subjects.ts";

const statusOfUsage = 2;
const statusOfInterrupt = 130;

async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2));
  if (options.help) {
    process.stdout.write(usage);
    return 0;
  }
  if (options.list) {
    process.stdout.write(
      `${allScenarios(options)
        .map(({ name }) => name)
        .join("\n")}\n`,
    );
    return 0;
  }
  const scenarios = selectScenarios(options.scenarios, options);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => interrupted.abort(new Error(`Stopped by ${signal}`)));
  }
  process.on("exit", killUnstoppedProcesses);
  return bench(options, scenarios, interrupted.signal);
}

async function bench(
  options: BenchOptions,
  scenarios: readonly Scenario[],
  signal: AbortSignal,
): Promise<number> {
  const node = process.execPath;
  // Versions are compared alike: a build and sources are not.
  const prefer = options.before.length > 0 ? "sources" : "build";
  const { command: lambdad, origin } = findLambdad(node, options.lambdad, prefer);
  const machine = describeMachine();
  const progress = new Progress(process.stderr);
  const goRuntime = options.goRuntime ?? builtGoRuntime(scenarios);
  const floors = buildFloors(node);
  if (floors.kind === "absent") throw new Error(`Cannot compile the floors: ${floors.reason}`);
  const generator = LoadGenerator.start();
  const results: ScenarioResult[] = [];
  // The runtime behind a queue runs from sources, and so does what is beside it: nothing is started in
  // the measured time.
  const sources = findLambdad(node, options.lambdad, "sources");
  let amqp: Promise<StartedAmqp> | undefined;
  let aws: Promise<StartedAws> | undefined;
  let stores: Promise<StartedAws> | undefined;
  let transfers: Promise<StartedTransfers> | undefined;
  try {
    const settings: Bench = {
      subjects: allSubjects({ ...options, lambdad, node, floors: floors.path, goRuntime }),
      generator,
      signal,
      rounds: options.rounds,
      measureMs: 1_000 * options.seconds,
      quick: options.quick,
      node,
      floors: floors.path,
      progress: (text) => progress.show(`${results.length + 1}/${scenarios.length} ${text}`),
    };
    for (const scenario of scenarios) {
      if (scenario.kind === "amqp") {
        amqp ??= startAmqp({ node, lambdad: sources.command, goRuntime, tell });
        results.push(await measureAmqp(settings, await amqp, scenario));
        continue;
      }
      if (isAws(scenario)) {
        aws ??= startAws({ node, signal, prefer, tell, clients: options.clients });
        results.push(await measureAws(settings, await aws, scenario));
        continue;
      }
      if (scenario.kind === "stores") {
        stores ??= startStores({ node, prefer, tell });
        results.push(await measureAws(settings, await stores, scenario));
        continue;
      }
      if (scenario.kind === "transfers") {
        transfers ??= startTransfers({ node, signal, prefer, tell });
        results.push(await measureTransfers(settings, await transfers, scenario));
        continue;
      }
      // Without Go, starts are still worth measuring.
      const instead = scenario.kind === "start" && goRuntime === undefined;
      results.push(await measure(settings, instead ? { ...scenario, runtime: "node" } : scenario));
    }
  } finally {
    await stopAmqp(amqp);
    await stopAws(aws);
    await stopAws(stores);
    await stopTransfers(transfers);
    generator.stop();
    progress.clear();
  }
  process.stdout.write(report(machine, results, { judged: !options.quick, origin }));
  if (options.jsonFile !== undefined) {
    const budgets = options.quick ? [] : judgeBudgets(results, origin);
    const { rounds, seconds } = options;
    const everything = { machine, lambdad: origin, rounds, seconds, budgets, results };
    writeFileSync(options.jsonFile, `${JSON.stringify(everything, undefined, 2)}\n`);
  }
  return hasErrors(results) ? 1 : 0;
}

function isAws(scenario: Scenario): scenario is AwsScenario {
  return scenario.kind.startsWith("aws");
}

function tell(text: string): void {
  process.stderr.write(`${text}\n`);
}

function measure(settings: Bench, scenario: HostScenario): Promise<ScenarioResult> {
  if (scenario.kind === "start") return measureStart(settings, scenario);
  if (scenario.kind === "memory") return measureMemory(settings, scenario);
  if (scenario.kind === "extensions") {
    const subjects = withExtensions(settings.subjects, settings);
    return measureLoad({ ...settings, subjects }, scenario);
  }
  return measureLoad(settings, scenario);
}

function builtGoRuntime(scenarios: readonly Scenario[]): string[] | undefined {
  const isNeeded = scenarios.some(
    (scenario) =>
      scenario.kind === "amqp" || ("runtime" in scenario && scenario.runtime.startsWith("go")),
  );
  if (!isNeeded) return undefined;
  const built = buildGoRuntime();
  if (built.kind === "built") return [built.path];
  tell(`Not measured: the Go runtime: ${built.reason}`);
  return undefined;
}

/** Whether a host of ours went wrong. What others do wrong is told, and is not our error. */
function hasErrors(results: readonly ScenarioResult[]): boolean {
  return results.some(({ measurements }) =>
    measurements.some(
      (one) =>
        (one.role === "lambdad" || one.role === "floor") &&
        (one.failure !== undefined || errorsOf(one) > 0),
    ),
  );
}

try {
  process.exitCode = await main();
} catch (error) {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${text}\n`);
  if (error instanceof TypeError) process.exitCode = statusOfUsage;
  else process.exitCode = text.startsWith("Stopped by") ? statusOfInterrupt : 1;
}
