import { spawn } from "node:child_process";
import { once } from "node:events";
import { Caller } from "../load/caller.ts";
import { EchoRequests } from "../load/echo-request.ts";
import {
  attempt,
  type Bench,
  candidates,
  type MeasurementInProgress,
  scenarioResult,
  type ScenarioResult,
  withSubject,
} from "./measurement.ts";
import type { StartScenario } from "./scenarios.ts";

/** Name of the process that does nothing, which starts are compared with. */
export const emptyNodeName = "an empty Node process";

const startsPerRound = 5;
const firstAnswerMsMax = 30_000;
const payloadBytes = 100;

/** Starts each subject again and again, in turn, and one Node process that does nothing. */
export async function measureStart(bench: Bench, scenario: StartScenario): Promise<ScenarioResult> {
  const measurements = candidates(bench, scenario.runtime);
  const empty: MeasurementInProgress = {
    subject: { name: emptyNodeName, role: "floor", command: [], runtimes: {} },
    runtime: [],
    samples: [],
    failure: undefined,
  };
  const starts = bench.quick ? 1 : startsPerRound * bench.rounds;
  for (let start = 1; start <= starts; start += 1) {
    bench.progress(`${scenario.name} · ${start} of ${starts}`);
    await attempt(bench, empty, async () => {
      const acceptMs = await emptyNodeMs(bench.node);
      empty.samples.push({ kind: "start", acceptMs, firstAnswerMs: undefined });
    });
    for (const measurement of measurements) {
      await attempt(bench, measurement, () =>
        withSubject(bench, measurement, async ({ port, startMs, startedAtMs }) => {
          await firstAnswer(port);
          const firstAnswerMs = performance.now() - startedAtMs;
          measurement.samples.push({ kind: "start", acceptMs: startMs, firstAnswerMs });
        }),
      );
    }
  }
  const result = scenarioResult(bench, scenario, measurements);
  const { name: subject, role } = empty.subject;
  const { samples, failure } = empty;
  return {
    ...result,
    measurements: [...result.measurements, { subject, role, samples, failure, skipped: undefined }],
  };
}

async function emptyNodeMs(node: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(node, ["--eval", "0"], { stdio: "ignore" });
  await once(child, "exit");
  return performance.now() - startMs;
}

/** @throws {Error} when the first call is not answered, or wrongly. */
async function firstAnswer(port: number): Promise<void> {
  const answered = Promise.withResolvers<void>();
  const caller = new Caller(port, new EchoRequests(port, payloadBytes), {
    done(_caller, _milliseconds, failure) {
      if (failure === undefined) answered.resolve();
      else answered.reject(new Error(failure));
    },
  });
  const timer = setTimeout(() => caller.expire(0), firstAnswerMsMax);
  try {
    caller.send();
    await answered.promise;
  } finally {
    clearTimeout(timer);
    caller.close();
  }
}
