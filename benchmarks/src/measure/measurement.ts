import type { LoadGenerator } from "../load/load-generator.ts";
import type { EchoResult, StreamResult } from "../load/messages.ts";
import { RunningSubject } from "../subject/running-subject.ts";
import type { Extensions } from "../subject/extension-folder.ts";
import type { RuntimeKind, Subject, SubjectRole } from "../subject/subject.ts";
import type { HostScenario, Scenario } from "./scenarios.ts";

/** One start of a subject. */
export interface StartSample {
  readonly kind: "start";
  /** To the first connection that it accepted; of an empty Node process: to its end. */
  readonly acceptMs: number;
  /** To the last byte of the first answer, with the start of a runtime process in it. */
  readonly firstAnswerMs: number | undefined;
}

/** Resident memory of the daemon's process alone, in bytes. */
export interface MemorySample {
  readonly kind: "memory";
  /** Listening, before any call. */
  readonly idleBytes: number;
  /** At most, under payloads of 6 MB from 8 callers. */
  readonly peakBytes: number;
  /** Some time after them. */
  readonly afterBytes: number;
  readonly calls: number;
  readonly errors: number;
  readonly errorTexts: readonly string[];
}

/** A streamed response and what the daemon's process needed for it. */
export interface StreamSample extends StreamResult {
  readonly daemonCpuMs: number | undefined;
  readonly beforeBytes: number | undefined;
  readonly peakBytes: number | undefined;
}

/** One transfer of an object, and what the client's processes needed for it. */
export interface TransferSample {
  readonly kind: "transfer";
  readonly bytes: number;
  readonly seconds: number;
  /** User and system time, of the process and its children. */
  readonly cpuMs: number;
  /** Resident before it; 0: the process was started for it. */
  readonly beforeBytes: number;
  readonly peakBytes: number;
  readonly errors: number;
  readonly errorTexts: readonly string[];
}

export type Sample = EchoResult | StreamSample | StartSample | MemorySample | TransferSample;

/** What became of one subject in one scenario. */
export interface Measurement {
  readonly subject: string;
  readonly role: SubjectRole;
  /** What ran beside the function; absent: nothing. */
  readonly extensions?: Extensions;
  readonly samples: readonly Sample[];
  /** Why there are no samples, or no more of them. */
  readonly failure: string | undefined;
  /** It was not tried: this subject has nothing to measure here. */
  readonly skipped: string | undefined;
}

export interface ScenarioResult {
  readonly scenario: Scenario;
  readonly measurements: readonly Measurement[];
}

/** What every measurement needs. */
export interface Bench {
  readonly subjects: readonly Subject[];
  readonly generator: LoadGenerator;
  readonly signal: AbortSignal;
  readonly rounds: number;
  readonly measureMs: number;
  readonly quick: boolean;
  /** Node, for the empty process that starts are compared with. */
  readonly node: string;
  /** Folder of what was compiled, for the extensions. */
  readonly floors: string;
  readonly progress: (text: string) => void;
}

/** Runtime processes that each subject may run: what the budgets name. */
export const concurrency = 8;

/** What is written down about one subject while it is measured. */
export interface MeasurementInProgress {
  readonly subject: Subject;
  readonly runtime: readonly string[];
  readonly samples: Sample[];
  failure: string | undefined;
}

/** The subjects that can run this kind of runtime. */
export function candidates(bench: Bench, kind: RuntimeKind): MeasurementInProgress[] {
  return bench.subjects.flatMap((subject) => {
    const runtime = subject.runtimes[kind];
    return runtime === undefined ? [] : [{ subject, runtime, samples: [], failure: undefined }];
  });
}

/** The result of a scenario, in the order of the subjects. */
export function scenarioResult(
  bench: Bench,
  scenario: HostScenario,
  done: readonly MeasurementInProgress[],
): ScenarioResult {
  const measurements = bench.subjects.map(({ name, role, extensions }): Measurement => {
    const found = done.find(({ subject }) => subject.name === name);
    return {
      subject: name,
      role,
      ...(extensions === undefined ? {} : { extensions }),
      samples: found?.samples ?? [],
      failure: found?.failure,
      skipped: found === undefined ? `no command for the runtime '${scenario.runtime}'` : undefined,
    };
  });
  return { scenario, measurements };
}

/** Does one thing with a subject; what goes wrong is the subject's failure, not the benchmark's. */
export async function attempt(
  bench: Bench,
  measurement: MeasurementInProgress,
  measure: () => Promise<void>,
): Promise<void> {
  if (measurement.failure !== undefined) return;
  try {
    await measure();
  } catch (error) {
    bench.signal.throwIfAborted();
    measurement.failure = error instanceof Error ? error.message : String(error);
  }
}

/** Starts a subject of its own for one measurement, and stops it whatever happens. */
export async function withSubject<Result>(
  bench: Bench,
  { subject, runtime }: MeasurementInProgress,
  use: (running: RunningSubject) => Promise<Result>,
): Promise<Result> {
  const { signal } = bench;
  const running = await RunningSubject.start(subject, runtime, { concurrency, signal });
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}
