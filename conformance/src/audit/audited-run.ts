import { randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { markVariable } from "../daemon-process.ts";
import { get, header, invoke } from "../invoke.ts";
import { LifeLines } from "../life-lines.ts";
import { MemorySamples, residentBytes } from "../memory-samples.ts";
import { fixture } from "../paths.ts";
import { markedProcesses } from "../processes.ts";
import { type Daemon, startLambdad } from "../start-lambdad.ts";
import { AuditorFolder } from "./auditor-folder.ts";
import { functionOutputs, parseNumberedLine } from "./numbered-line.ts";
import type { AuditVerdict } from "./telemetry-audit.ts";

export interface AuditedRunOptions {
  readonly invocations: number;
  readonly callers: number;
  /** `MAX_CONCURRENCY` of the daemon; each environment has an auditor of its own. */
  readonly environments: number;
  /** Lines that each invocation writes to each of three outputs. */
  readonly lines: number;
  /** Characters that make each line longer. */
  readonly filler: number;
  /** How long the destination takes to answer during the first `slowInvocations`, in milliseconds. */
  readonly slowMs: number;
  readonly slowInvocations: number;
  /** The run is cut, and counts as failed, after this time. */
  readonly timeLimitMs: number;
  readonly onProgress?: (done: number) => void;
}

export interface AuditedReport {
  readonly invocations: number;
  readonly seconds: number;
  /** Sums over all environments. */
  readonly delivered: AuditVerdict["delivered"];
  readonly missing: number;
  readonly dropped: AuditVerdict["dropped"];
  /** Bytes that the function wrote. */
  readonly writtenBytes: number;
  readonly memory: MemorySamples;
  /** Invocations per second in each tenth. */
  readonly rates: readonly number[];
  /** What must never happen; empty when all went well. The first 50 are kept. */
  readonly violations: readonly string[];
}

const violationsMax = 50;
const sampleEveryMs = 100;

/**
 * V8 doubles the space of young objects from time to time, which takes up to 40 MiB in steps and says
 * nothing about what the daemon keeps. At a fixed size a leak shows.
 */
const nodeOptions = ["--min-semi-space-size=16", "--max-semi-space-size=16"];
const settleMs = 20_000;

/**
 * Invokes a function that writes numbered lines, beside an extension that audits what telemetry tells
 * of them, and watches the daemon's memory meanwhile.
 */
export async function runAudited(options: AuditedRunOptions): Promise<AuditedReport> {
  const { lines, slowMs, slowInvocations } = options;
  // The smallest batches that a subscriber may ask for: most of them, and the least room.
  const buffering = { maxItems: 1_000, maxBytes: 262_144, timeoutMs: 25 };
  const folder = await AuditorFolder.make({ lines, buffering, slowMs, slowInvocations });
  try {
    return await new AuditedRun(options, folder).run();
  } finally {
    await folder.remove();
  }
}

class AuditedRun {
  readonly #options: AuditedRunOptions;
  readonly #folder: AuditorFolder;
  readonly #agent: Agent;
  readonly #lifeLines = new LifeLines();
  readonly #outcomes = new Map<string, string>();
  readonly #memory = new MemorySamples();
  readonly #violations: string[] = [];
  /** When each tenth was done. */
  readonly #tenthsAtMs: number[] = [];
  readonly #rest = { stdout: "", stderr: "" };
  #lines = 0;
  #started = 0;
  #done = 0;

  constructor(options: AuditedRunOptions, folder: AuditorFolder) {
    this.#options = options;
    this.#folder = folder;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.callers });
  }

  async run(): Promise<AuditedReport> {
    const { environments, callers, timeLimitMs } = this.#options;
    const daemon = await startLambdad(
      [`--extensions-dir=${this.#folder.extensions}`, "run", fixture("audit", "function.handler")],
      { MAX_CONCURRENCY: String(environments), LAMBDAD_METRICS: "true" },
      { lifeMs: timeLimitMs + 60_000, nodeOptions },
    );
    daemon.output.onText = (text, stream) => this.#read(text, stream);
    const over = new AbortController();
    const limit = setTimeout(() => {
      this.#violate(`Not finished after ${timeLimitMs} ms`);
      over.abort();
    }, timeLimitMs);
    const sampling = this.#sample(daemon, over.signal);
    const startedAtMs = performance.now();
    this.#tenthsAtMs.push(startedAtMs);
    try {
      await Promise.all(Array.from({ length: callers }, () => this.#call(daemon, over.signal)));
      const seconds = (performance.now() - startedAtMs) / 1_000;
      await this.#settled(over.signal);
      over.abort();
      await this.#checkLog(daemon);
      return this.#report(seconds, await this.#end(daemon));
    } finally {
      clearTimeout(limit);
      over.abort();
      await sampling;
      this.#agent.destroy();
      await daemon.stop();
    }
  }

  /** One caller: the next call as soon as the last was answered. */
  async #call(daemon: Daemon, signal: AbortSignal): Promise<void> {
    const { invocations, lines, filler, onProgress } = this.#options;
    while (this.#started < invocations && !signal.aborted) {
      this.#started += 1;
      const event = JSON.stringify({ id: randomUUID(), lines, filler });
      try {
        const answer = await invoke(daemon, event, { agent: this.#agent, signal });
        this.#outcomes.set(header(answer, "x-amzn-RequestId") ?? "", "returned");
        if (answer.body.toString() !== event) {
          this.#violate(`Not its event: ${answer.status} ${answer.body.toString("utf8", 0, 200)}`);
        }
      } catch (error) {
        if (!signal.aborted) this.#violate(`A call got no answer: ${String(error)}`);
      }
      this.#done += 1;
      if (this.#done >= (this.#tenthsAtMs.length * invocations) / 10) {
        this.#tenthsAtMs.push(performance.now());
      }
      onProgress?.(this.#done);
    }
  }

  async #sample(daemon: Daemon, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const bytes = await residentBytes(daemon.pid);
      if (bytes !== undefined) this.#memory.add(this.#done / this.#options.invocations, bytes);
      await sleep(sampleEveryMs, undefined, { signal }).catch(() => {});
    }
  }

  /** Every record has arrived, or was told to be lost: before anything ends. */
  async #settled(signal: AbortSignal): Promise<void> {
    const deadline = performance.now() + settleMs;
    while (!signal.aborted) {
      const verdicts = await this.#folder.verdicts();
      if (verdicts.every(({ missing, dropped }) => missing === dropped.records)) return;
      if (performance.now() > deadline) return;
      await sleep(50);
    }
  }

  #read(text: string, stream: "stdout" | "stderr"): void {
    this.#lifeLines.push(text, stream);
    const lines = (this.#rest[stream] + text).split("\n");
    this.#rest[stream] = lines.pop() ?? "";
    for (const line of lines) {
      const output = parseNumberedLine(line)?.output;
      if (output !== undefined && output !== "ext") this.#lines += 1;
    }
  }

  /** The daemon's own log: every START has its END and REPORT, and no line was lost. */
  async #checkLog(daemon: Daemon): Promise<void> {
    await this.#lifeLines.settled();
    const dropped = await total(daemon, "lambdad_log_dropped_total");
    if (dropped > 0) {
      // It says so: the log is then no proof of anything.
      if (this.#options.slowMs === 0) this.#violate(`${dropped} lines of the log were dropped`);
      return;
    }
    for (const problem of this.#lifeLines.problems(this.#outcomes)) this.#violate(problem);
    const { requests } = this.#lifeLines;
    if (requests !== this.#done) this.#violate(`${requests} of ${this.#done} calls are in the log`);
    const expected = this.#done * this.#options.lines * functionOutputs.length;
    if (this.#lines !== expected) {
      this.#violate(`${this.#lines} whole lines of ${expected} are in the log`);
    }
  }

  /** Stops the daemon, which flushes, and reads what the auditors found. */
  async #end(daemon: Daemon): Promise<readonly AuditVerdict[]> {
    const told = await total(daemon, "lambdad_telemetry_dropped_total");
    daemon.kill("SIGTERM");
    const { status, signal } = await daemon.exited;
    if (status !== 0) this.#violate(`The daemon ended with ${status ?? signal}, not with 0`);
    const left = await markedProcesses(markVariable, daemon.mark);
    if (left.length > 0) this.#violate(`Processes were left behind: ${left.join(", ")} (INV-12)`);

    const { started, verdicts, failures } = await this.#folder.results();
    for (const failure of failures) this.#violate(`An auditor failed: ${failure}`);
    if (started === 0) this.#violate("No auditor has started");
    if (verdicts.length !== started) {
      this.#violate(`${started} auditors started, and ${verdicts.length} got SHUTDOWN in time`);
    }
    for (const { problems } of verdicts) for (const problem of problems) this.#violate(problem);
    const invoked = sum(verdicts.map(({ invocations }) => invocations));
    if (invoked !== this.#done) this.#violate(`${invoked} events INVOKE for ${this.#done} calls`);
    const dropped = sum(verdicts.map((verdict) => verdict.dropped.records));
    if (told !== dropped) this.#violate(`The metric tells of ${told} drops, the events ${dropped}`);
    return verdicts;
  }

  #report(seconds: number, verdicts: readonly AuditVerdict[]): AuditedReport {
    const delivered = { platform: 0, function: 0, extension: 0 };
    const dropped = { events: 0, records: 0, bytes: 0 };
    for (const verdict of verdicts) {
      delivered.platform += verdict.delivered.platform;
      delivered.function += verdict.delivered.function;
      delivered.extension += verdict.delivered.extension;
      dropped.events += verdict.dropped.events;
      dropped.records += verdict.dropped.records;
      dropped.bytes += verdict.dropped.bytes;
    }
    const { lines, filler, invocations } = this.#options;
    const rates = this.#tenthsAtMs
      .slice(1)
      .map((atMs, tenth) => (100 * invocations) / (atMs - (this.#tenthsAtMs[tenth] ?? 0)));
    return {
      invocations: this.#done,
      seconds,
      delivered,
      missing: sum(verdicts.map(({ missing }) => missing)),
      dropped,
      writtenBytes: this.#done * lines * functionOutputs.length * (filler + lineBytes),
      memory: this.#memory,
      rates,
      violations: this.#violations,
    };
  }

  #violate(text: string): void {
    if (this.#violations.length < violationsMax) this.#violations.push(text);
  }
}

/** About what a line has beside its filler. */
const lineBytes = 50;

function sum(values: readonly number[]): number {
  return values.reduce((before, value) => before + value, 0);
}

/** The sum of a counter over all its labels; 0 when there is none. */
async function total(daemon: Daemon, name: string): Promise<number> {
  const text = (await get(daemon, "/metrics")).body.toString();
  const lines = text.split("\n").filter((line) => line.startsWith(name));
  return sum(lines.map((line) => Number(line.slice(line.lastIndexOf(" ")))));
}
