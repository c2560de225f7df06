import { spawn } from "node:child_process";
import { once } from "node:events";
import { Program } from "../amqp/program.ts";
import type { EchoResult } from "../load/messages.ts";
import {
  attempt,
  type Bench,
  type Measurement,
  type MeasurementInProgress,
  type MemorySample,
  type ScenarioResult,
} from "../measure/measurement.ts";
import { emptyNodeName } from "../measure/measure-start.ts";
import type {
  AwsCallScenario,
  AwsMemoryScenario,
  AwsScenario,
  AwsStartScenario,
  StoreScenario,
} from "../measure/scenarios.ts";
import type { AwsLoad } from "./aws-load-run.ts";
import { type AwsSubject, awsNames, withoutClient } from "./aws-subjects.ts";
import type { StartedAws } from "./start-aws.ts";

const warmUpMs = 500;
const warmUpQuickMs = 150;
const startsPerRound = 5;
const startMsMax = 30_000;
const memoryInFlight = 64;
/** A million calls of the slowest client take a quarter of an hour. */
const manyCallsMsMax = 3_600_000;
/** Clients whose memory is worth a million calls. */
const memoryNames: ReadonlySet<string> = new Set([awsNames.lambdad, awsNames.floor, awsNames.sdk]);

type CallScenario = AwsCallScenario | StoreScenario;
type Progress = MeasurementInProgress & { skipped: string | undefined };

/** Measures the clients of a scenario in turn, round after round. */
export function measureAws(
  bench: Bench,
  aws: StartedAws,
  scenario: AwsScenario | StoreScenario,
): Promise<ScenarioResult> {
  if (scenario.kind === "aws-start") return measureStarts(bench, aws, scenario);
  return measureCalls(bench, aws, scenario);
}

async function measureCalls(
  bench: Bench,
  aws: StartedAws,
  scenario: CallScenario | AwsMemoryScenario,
): Promise<ScenarioResult> {
  const isMemory = scenario.kind === "aws-memory";
  const subjects = isMemory
    ? aws.subjects.filter(({ name }) => memoryNames.has(name))
    : aws.subjects;
  const measurements = subjects.map(inProgress);
  const url = scenario.kind === "aws" && scenario.isSecure ? aws.secureUrl : aws.url;
  const running = new Map<Progress, Program>();
  try {
    for (const [index, measurement] of measurements.entries()) {
      if (url === undefined) measurement.skipped = "there is no certificate";
      if (measurement.skipped !== undefined) continue;
      await attempt(bench, measurement, async () => {
        const { command = [], url: own = url ?? "" } = subjects[index] ?? {};
        const words = [...command, ...(isPython(command) ? [own] : [own, aws.peers])];
        const program = Program.start(words, { speaks: true, variables: aws.variables });
        running.set(measurement, program);
        await program.ask(undefined, bench.signal);
      });
    }
    // The memory of a process is measured once: the second time it would not begin at the start.
    const rounds = isMemory ? 1 : bench.rounds;
    for (let round = 1; round <= rounds; round += 1) {
      for (const [measurement, program] of running) {
        const { name } = measurement.subject;
        bench.progress(`${scenario.name} · round ${round} of ${rounds} · ${name}`);
        await attempt(bench, measurement, () => measureOnce(bench, scenario, measurement, program));
      }
    }
  } finally {
    await Promise.all([...running.values()].map((program) => program.stop()));
  }
  return { scenario, measurements: measurements.map(finished) };
}

async function measureOnce(
  bench: Bench,
  scenario: CallScenario | AwsMemoryScenario,
  measurement: Progress,
  program: Program,
): Promise<void> {
  if (measurement.skipped !== undefined) return;
  const limitMs = scenario.kind === "aws-memory" ? manyCallsMsMax : undefined;
  const load = JSON.stringify(loadOf(bench, scenario));
  const answer = await program.ask(load, bench.signal, limitMs);
  const sample = JSON.parse(answer) as EchoResult | MemorySample | Absent;
  if (sample.kind === "absent") {
    measurement.skipped = "it cannot do this";
    return;
  }
  measurement.samples.push(sample);
  if (sample.calls > 0) return;
  const reason = sample.errorTexts[0] ?? "no call ended in the measured time";
  throw new Error(reason + program.output());
}

interface Absent {
  readonly kind: "absent";
}

function loadOf(bench: Bench, scenario: CallScenario | AwsMemoryScenario): AwsLoad {
  const times = {
    warmUpMs: bench.quick ? warmUpQuickMs : warmUpMs,
    measureMs: bench.measureMs,
  };
  if (scenario.kind !== "aws-memory") {
    const { operation, size, expected, inFlight } = scenario;
    return { operation, size, expected, inFlight, ...times };
  }
  const size = 1_024;
  const { calls } = scenario;
  return { operation: "s3-get", size, expected: size, inFlight: memoryInFlight, calls, ...times };
}

async function measureStarts(
  bench: Bench,
  aws: StartedAws,
  scenario: AwsStartScenario,
): Promise<ScenarioResult> {
  const empty: AwsSubject = {
    name: emptyNodeName,
    role: "floor",
    command: [],
    startCommand: [bench.node, "--eval", "0"],
  };
  const subjects = [empty, withoutClient(bench.node), ...aws.subjects].filter(
    ({ startCommand }) => startCommand !== undefined,
  );
  const measurements = subjects.map(inProgress);
  const starts = bench.quick ? 1 : startsPerRound * bench.rounds;
  for (let start = 1; start <= starts; start += 1) {
    bench.progress(`${scenario.name} · ${start} of ${starts}`);
    for (const [index, measurement] of measurements.entries()) {
      await attempt(bench, measurement, async () => {
        const { startCommand = [] } = subjects[index] ?? {};
        const { operation } = scenario;
        const words = [aws.peers, aws.url, ...(operation === undefined ? [] : [operation])];
        const command = [...startCommand, ...(index === 0 ? [] : words)];
        const acceptMs = await processMs(command, aws.variables);
        measurement.samples.push({ kind: "start", acceptMs, firstAnswerMs: undefined });
      });
    }
  }
  return { scenario, measurements: measurements.map(finished) };
}

/** @throws {Error} when the process does not end with 0. */
async function processMs(
  [file = "", ...args]: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<number> {
  const startMs = performance.now();
  const child = spawn(file, args, {
    env: { ...process.env, ...variables, NODE_EXTRA_CA_CERTS: undefined },
    stdio: ["ignore", "ignore", "pipe"],
    timeout: startMsMax,
  });
  let text = "";
  child.stderr.on("data", (piece: Buffer) => {
    text = (text + piece.toString()).slice(-1_000);
  });
  const [status] = (await once(child, "exit")) as [number | null];
  const ms = performance.now() - startMs;
  if (status !== 0) throw new Error(`it ended with ${status}: ${text}`);
  return ms;
}

function isPython(command: readonly string[]): boolean {
  return command.some((word) => word.endsWith(".py"));
}

function inProgress({ name, role, command }: AwsSubject): Progress {
  return {
    subject: { name, role, command, runtimes: {} },
    runtime: [],
    samples: [],
    failure: undefined,
    skipped: undefined,
  };
}

function finished({ subject, samples, failure, skipped }: Progress): Measurement {
  return { subject: subject.name, role: subject.role, samples, failure, skipped };
}
