import { setTimeout as delay } from "node:timers/promises";
import { connect } from "amqplib";
import type { LoadGenerator } from "../load/load-generator.ts";
import type { EchoResult } from "../load/messages.ts";
import { concurrency } from "../measure/measurement.ts";
import { RunningSubject } from "../subject/running-subject.ts";
import type { AmqpPair } from "./amqp-pairs.ts";
import type { CallerLoad } from "./caller-load.ts";
import { Program } from "./program.ts";

const consumedMsMax = 20_000;

/** What a pair needs of the benchmark. */
export interface PairHost {
  readonly uri: string;
  readonly generator: LoadGenerator;
  readonly signal: AbortSignal;
}

/** A pair whose processes run. Whoever started it stops it. */
export class RunningPair {
  readonly name: string;
  readonly #host: PairHost;
  readonly #program: Program | undefined;
  readonly #listener: RunningSubject | undefined;
  readonly #caller: Program | undefined;

  private constructor(name: string, host: PairHost, parts: Parts) {
    this.name = name;
    this.#host = host;
    this.#program = parts.program;
    this.#listener = parts.listener;
    this.#caller = parts.caller;
  }

  /** @throws {Error} when a process of it ends, or the queue is not consumed within 20 s. */
  static async start(pair: AmqpPair, host: PairHost): Promise<RunningPair> {
    const { uri, signal } = host;
    const parts: Parts = {};
    try {
      if (pair.program !== undefined) {
        parts.program = Program.start(pair.program, { speaks: false });
        await untilConsumed(uri, pair.queue, parts.program, signal);
      }
      if (pair.listener !== undefined) {
        const { subject, runtime } = pair.listener;
        parts.listener = await RunningSubject.start(subject, runtime, { concurrency, signal });
        await untilConsumed(uri, pair.queue, undefined, signal);
      }
      if (pair.caller !== undefined) {
        parts.caller = Program.start(pair.caller, { speaks: true });
        await parts.caller.ask(undefined, signal);
      }
      return new RunningPair(pair.name, host, parts);
    } catch (error) {
      await stop(parts);
      throw error;
    }
  }

  async echo(load: Omit<CallerLoad, "hostPid">): Promise<EchoResult> {
    const { signal, generator } = this.#host;
    if (this.#caller !== undefined) {
      const hostPid = this.#program?.pid ?? this.#listener?.pid ?? 0;
      const answer = await this.#caller.ask(JSON.stringify({ ...load, hostPid }), signal);
      return JSON.parse(answer) as EchoResult;
    }
    const { port = 0, pid = 0 } = this.#listener ?? {};
    const { inFlight: callers, payloadBytes, warmUpMs, measureMs } = load;
    const echo = { port, pid, callers, payloadBytes, warmUpMs, measureMs, primingCalls: 1 };
    return generator.echo(echo, signal);
  }

  /** The last lines that its hosts wrote. */
  output(): string {
    return `${this.#program?.output() ?? ""}${this.#listener?.output() ?? ""}`;
  }

  async stop(): Promise<void> {
    await stop({ program: this.#program, listener: this.#listener, caller: this.#caller });
  }
}

interface Parts {
  program?: Program | undefined;
  listener?: RunningSubject | undefined;
  caller?: Program | undefined;
}

async function stop({ caller, listener, program }: Parts): Promise<void> {
  await Promise.all([caller?.stop(), listener?.stop(), program?.stop()]);
}

/** Waits for the first consumer of a queue. Asking for one that is not there ends a channel. */
async function untilConsumed(
  uri: string,
  queue: string,
  program: Program | undefined,
  signal: AbortSignal,
): Promise<void> {
  const connection = await connect(uri);
  try {
    const deadline = performance.now() + consumedMsMax;
    for (;;) {
      const channel = await connection.createChannel();
      channel.on("error", () => {});
      const found = await channel.checkQueue(queue).catch(() => undefined);
      if (found !== undefined && found.consumerCount > 0) return;
      signal.throwIfAborted();
      if (program?.hasEnded === true) throw new Error(`its host has ended${program.output()}`);
      if (performance.now() > deadline) {
        throw new Error(`nobody consumes '${queue}'${program?.output() ?? ""}`);
      }
      await delay(50);
    }
  } finally {
    await connection.close();
  }
}
