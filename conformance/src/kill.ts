import { randomInt, randomUUID } from "node:crypto";
import { Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { markVariable } from "./daemon-process.ts";
import { type Answer, get, header, invoke, json } from "./invoke.ts";
import { LifeLines } from "./life-lines.ts";
import {
  childrenOf,
  commandLine,
  killProcess,
  markedProcesses,
  processState,
} from "./processes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

export interface KillOptions {
  /** A runtime that echoes its event byte by byte. */
  readonly command: readonly string[];
  readonly callers: number;
  readonly invocations: number;
  /** `MAX_CONCURRENCY` of the daemon. */
  readonly environments: number;
  /** Mean pause between two kills. */
  readonly killEveryMs: number;
  /** The run is cut, and counts as failed, after this time. */
  readonly timeLimitMs: number;
  readonly onProgress?: (report: KillReport) => void;
}

export interface KillReport {
  readonly kills: number;
  /** Calls that got their own payload back. */
  readonly returned: number;
  /** Calls that got one clear error, by its name. */
  readonly failed: Readonly<Record<string, number>>;
  /** What must never happen; empty when all went well. The first 50 are kept. */
  readonly violations: readonly string[];
  readonly slowestMs: number;
}

const functionTimeoutMs = 3_000;

/** INV-6: queue wait limit + init limit + function timeout + 2 s reset + 1 s. */
const answerMsMax = functionTimeoutMs + 10_000 + functionTimeoutMs + 2_000 + 1_000;

const violationsMax = 50;

/**
 * Callers invoke without a pause while runtimes are killed at random. Every call must end in its own
 * response or in one clear error, and the daemon's books must balance afterwards.
 */
export async function runKillTest(options: KillOptions): Promise<KillReport> {
  const test = new KillTest(options);
  return test.run();
}

class KillTest {
  readonly #options: KillOptions;
  readonly #agent: Agent;
  readonly #lines = new LifeLines();
  /** What each request id's caller got. */
  readonly #outcomes = new Map<string, string>();
  readonly #failed: Record<string, number> = {};
  readonly #violations: string[] = [];
  #kills = 0;
  #returned = 0;
  #started = 0;
  #slowestMs = 0;

  constructor(options: KillOptions) {
    this.#options = options;
    this.#agent = new Agent({ keepAlive: true, maxSockets: options.callers });
  }

  async run(): Promise<KillReport> {
    const { command, environments, callers, timeLimitMs } = this.#options;
    const env = { MAX_CONCURRENCY: String(environments), LAMBDAD_METRICS: "true" };
    const timeout = `--timeout=${functionTimeoutMs / 1000}`;
    const daemon = await startLambdad([timeout, ...command], env);
    daemon.output.onText = (text, stream) => this.#lines.push(text, stream);
    const calling = new AbortController();
    const limit = setTimeout(() => {
      this.#violate(`Not finished after ${timeLimitMs} ms`);
      calling.abort();
    }, timeLimitMs);
    const killing = this.#killAtRandom(daemon, calling.signal);
    try {
      await Promise.all(Array.from({ length: callers }, () => this.#call(daemon, calling.signal)));
    } finally {
      clearTimeout(limit);
      calling.abort();
      await killing;
      this.#agent.destroy();
      try {
        await this.#checkEnd(daemon);
      } finally {
        await daemon.stop();
      }
    }
    return this.#report();
  }

  #report(): KillReport {
    const { slowestMs, failed, violations } = {
      slowestMs: Math.round(this.#slowestMs),
      failed: { ...this.#failed },
      violations: [...this.#violations],
    };
    return { kills: this.#kills, returned: this.#returned, failed, violations, slowestMs };
  }

  #violate(text: string): void {
    if (this.#violations.length < violationsMax) this.#violations.push(text);
  }

  /** One caller: the next call as soon as the last was answered. */
  async #call(daemon: Daemon, signal: AbortSignal): Promise<void> {
    while (this.#started < this.#options.invocations && !signal.aborted) {
      this.#started += 1;
      const payload = makePayload();
      const startedAt = performance.now();
      try {
        const limit = AbortSignal.any([signal, AbortSignal.timeout(answerMsMax)]);
        const answer = await invoke(daemon, payload, { agent: this.#agent, signal: limit });
        this.#judge(payload, answer);
      } catch (error) {
        if (!signal.aborted) this.#violate(`A call got no answer: ${String(error)}`);
      }
      this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedAt);
      this.#options.onProgress?.(this.#report());
    }
  }

  /** Its own response, or one clear error that names its own request. */
  #judge(payload: Buffer, answer: Answer): void {
    const id = header(answer, "x-amzn-RequestId") ?? "";
    if (this.#outcomes.has(id)) this.#violate(`The request id '${id}' was given twice`);
    this.#outcomes.set(id, "returned");
    const functionError = header(answer, "X-Amz-Function-Error");
    if (answer.status === 200 && functionError === undefined) {
      if (answer.body.equals(payload)) this.#returned += 1;
      else this.#violate(`Not its own payload: ${answer.body.toString("utf8", 0, 120)}`);
      return;
    }
    const name = nameOfError(answer, id);
    if (name === undefined) {
      this.#violate(`No clear error: ${answer.status} ${answer.body.toString("utf8", 0, 200)}`);
      return;
    }
    this.#outcomes.set(id, answer.body.toString("utf8", 0, 200));
    this.#failed[name] = (this.#failed[name] ?? 0) + 1;
  }

  async #killAtRandom(daemon: Daemon, signal: AbortSignal): Promise<void> {
    const { command, killEveryMs } = this.#options;
    const own = command.join(" ");
    while (!signal.aborted) {
      // Uniform in 1 … 2 × mean.
      await sleep(randomInt(1, 2 * killEveryMs + 1));
      const candidates: number[] = [];
      for (const pid of await childrenOf(daemon.pid)) {
        if ((await commandLine(pid)) === own) candidates.push(pid);
      }
      const victim = candidates[randomInt(0, Math.max(1, candidates.length))];
      if (victim === undefined) continue;
      killProcess(victim);
      this.#kills += 1;
    }
  }

  async #checkEnd(daemon: Daemon): Promise<void> {
    await this.#checkHealth(daemon);
    await this.#checkBooks(daemon);
    for (const pid of await childrenOf(daemon.pid)) {
      if ((await processState(pid)) === "Z") this.#violate(`The zombie ${pid} was not reaped`);
    }
    daemon.kill("SIGTERM");
    const { status, signal } = await daemon.exited;
    if (status !== 0) this.#violate(`The daemon ended with ${status ?? signal}, not with 0`);
    const left = await markedProcesses(markVariable, daemon.mark);
    if (left.length > 0) this.#violate(`Processes were left behind: ${left.join(", ")} (INV-12)`);
  }

  /** Serves as many at once as it may run, all well. */
  async #checkHealth(daemon: Daemon): Promise<void> {
    const health = await get(daemon, "/health");
    if (health.status !== 200) this.#violate(`/health is ${health.status} at the end`);
    const { environments } = this.#options;
    for (let round = 0; round < 3; round += 1) {
      const payloads = Array.from({ length: environments }, makePayload);
      const answers = await Promise.all(payloads.map((payload) => invoke(daemon, payload)));
      for (const [index, answer] of answers.entries()) {
        this.#started += 1;
        const payload = payloads[index];
        if (payload !== undefined) this.#judge(payload, answer);
        const error = header(answer, "X-Amz-Function-Error");
        if (answer.status !== 200 || (error !== undefined && round > 0)) {
          this.#violate(`An invocation failed after the kills: ${answer.body.toString()}`);
        }
      }
    }
  }

  /** INV-2, INV-3: what the daemon counted is what the callers saw, and nothing ran twice. */
  async #checkBooks(daemon: Daemon): Promise<void> {
    const counted = await metric(daemon, "lambdad_invocations_total");
    const sum = Object.values(counted).reduce((total, value) => total + value, 0);
    const seen = this.#returned + Object.values(this.#failed).reduce((total, n) => total + n, 0);
    if (sum !== seen) this.#violate(`The daemon counted ${sum} calls, the callers ${seen}`);
    const good = counted["success"] ?? 0;
    if (good !== this.#returned) {
      this.#violate(`The daemon counted ${good} good results, the callers ${this.#returned}`);
    }
    await this.#lines.settled();
    for (const problem of this.#lines.problems(this.#outcomes)) this.#violate(problem);
  }
}

/** Mostly small, some large: each with an id of its own, so that a mix-up shows. */
function makePayload(): Buffer {
  const sizes = [10, 10, 10, 100, 100, 1_000, 1_000, 10_000, 100_000];
  const size = randomInt(1_000) === 0 ? 1_000_000 : (sizes[randomInt(sizes.length)] ?? 0);
  return Buffer.from(JSON.stringify({ id: randomUUID(), filler: "x".repeat(size) }));
}

const hostErrors = new Set(["TooManyRequestsException", "ServiceException"]);

/** The name of a clear error; undefined when it is none. */
function nameOfError(answer: Answer, requestId: string): string | undefined {
  if (answer.status !== 200) {
    const name = header(answer, "x-amzn-ErrorType") ?? "";
    return hostErrors.has(name) ? `${answer.status} ${name}` : undefined;
  }
  const { errorType, errorMessage } = json(answer) as Record<string, string>;
  const known = errorType === "Runtime.ExitError" || errorType === "Runtime.TruncatedResponse";
  const own = errorMessage?.startsWith(`RequestId: ${requestId} Error: `) === true;
  return known && own ? errorType : undefined;
}

/** The values of a counter by its label `result`. */
async function metric(daemon: Daemon, name: string): Promise<Record<string, number>> {
  const text = (await get(daemon, "/metrics")).body.toString();
  const values: Record<string, number> = {};
  for (const line of text.split("\n")) {
    if (!line.startsWith(`${name}{`)) continue;
    const result = /result="(\w+)"/.exec(line)?.[1] ?? "";
    values[result] = (values[result] ?? 0) + Number(line.slice(line.lastIndexOf(" ")));
  }
  return values;
}
