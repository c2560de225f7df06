import { setTimeout as sleep } from "node:timers/promises";
import { randomInt } from "node:crypto";
import { FunctionError, type RpcClient } from "@lambdad/invoke-amqp";
import type { CallRecord } from "./amqp-fault-books.ts";

/** A record that is being written. */
type OpenRecord = { -readonly [Key in keyof CallRecord]: CallRecord[Key] };

export interface FaultCallsOptions {
  readonly clients: readonly RpcClient[];
  readonly queue: string;
  /** Callers; each makes its next call when the last has ended. */
  readonly inFlight: number;
  /** The function works so long at most, in milliseconds. */
  readonly workMsMax: number;
  readonly deadlineMs: number;
}

/** What the function is given, and answers with. */
interface FaultEvent {
  readonly id: number;
  readonly workMs: number;
  readonly filler: string;
}

/** Clear errors of the contract: what a caller may be told, with the code or the name it has. */
const clearErrors = new Set([
  "ServiceUnavailable",
  "ServiceException",
  "ResourceNotFoundException",
  "TooManyRequestsException",
  "TimeoutError",
  "Sandbox.Timedout",
]);

/** One call in so many does not wait for the end of the work. */
const impatientEvery = 23;

const firstPauseMs = 100;
const pauseMsMax = 2_000;

/** Callers that go on while faults happen, and note what became of each call. */
export class FaultCalls {
  readonly #options: FaultCallsOptions;
  readonly #calls: OpenRecord[] = [];
  readonly #stopping = new AbortController();
  #callers: readonly Promise<void>[] = [];
  #ended = 0;
  #failed = 0;
  /** What must not happen and shows at once: a foreign reply, an unclear error. */
  readonly violations: string[] = [];

  constructor(options: FaultCallsOptions) {
    this.#options = options;
  }

  get ended(): number {
    return this.#ended;
  }

  get failed(): number {
    return this.#failed;
  }

  get records(): readonly CallRecord[] {
    return this.#calls;
  }

  start(): void {
    const { inFlight, clients } = this.#options;
    this.#callers = Array.from({ length: inFlight }, (_, index) => {
      const client = clients[index % clients.length];
      return client === undefined ? Promise.resolve() : this.#goOn(client);
    });
  }

  /** No new calls; waits until the last has ended, at most `limitMs`. */
  async stop(limitMs: number): Promise<void> {
    this.#stopping.abort();
    const waiting = new AbortController();
    const limit = sleep(limitMs, undefined, { signal: waiting.signal }).catch(() => undefined);
    await Promise.race([Promise.all(this.#callers), limit]);
    waiting.abort();
  }

  /** One call beside the others. Resolves with whether it returned. */
  async probe(client: RpcClient): Promise<boolean> {
    return (await this.#call(client, { isProbe: true })).outcome === "returned";
  }

  async #goOn(client: RpcClient): Promise<void> {
    const { signal } = this.#stopping;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      const { outcome, isImpatient } = await this.#call(client);
      if (outcome === "returned" || isImpatient) {
        pauseMs = firstPauseMs;
        continue;
      }
      // As callers do: not all at once, and less and less often.
      await sleep(randomInt(pauseMs), undefined, { signal }).catch(() => undefined);
      pauseMs = Math.min(2 * pauseMs, pauseMsMax);
    }
  }

  async #call(client: RpcClient, { isProbe = false } = {}): Promise<CallRecord> {
    const { queue, workMsMax } = this.#options;
    const id = this.#calls.length;
    const isImpatient = !isProbe && id % impatientEvery === 0;
    const deadlineMs = isImpatient ? Math.ceil(workMsMax / 4) : this.#options.deadlineMs;
    const call: OpenRecord = {
      startMs: performance.now(),
      endMs: undefined,
      outcome: "pending",
      deadlineMs,
      isImpatient,
    };
    const shortMs = isProbe ? 0 : randomInt(workMsMax + 1);
    const workMs = isImpatient ? workMsMax : shortMs;
    const event: FaultEvent = { id, workMs, filler: fillerOf(id) };
    this.#calls.push(call);
    try {
      const reply = await client.invoke<FaultEvent>(queue, event, { timeoutMs: deadlineMs });
      call.outcome = "returned";
      if (reply.id !== id || reply.filler !== event.filler) {
        this.violations.push(`Call ${id} got the reply of call ${reply.id} (INV-5)`);
      }
    } catch (error) {
      call.outcome = nameOf(error);
      if (!isImpatient) this.#failed += 1;
      if (!clearErrors.has(call.outcome)) {
        this.violations.push(`Call ${id} got no clear error: ${String(error)}`);
      }
    }
    call.endMs = performance.now();
    this.#ended += 1;
    return call;
  }
}

function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof FunctionError) return error.errorType;
  return error.name === "HostError" && "code" in error ? String(error.code) : error.name;
}

const sizes = [0, 10, 10, 10, 100, 100, 1_000, 1_000, 10_000];

/** Mostly small, some large; the same for the same call. */
function fillerOf(id: number): string {
  const size = id % 997 === 0 ? 100_000 : (sizes[id % sizes.length] ?? 0);
  return "x".repeat(size);
}
