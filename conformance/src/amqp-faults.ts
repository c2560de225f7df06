import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect, type RpcClient } from "@lambdad/invoke-amqp";
import { type Broker, startBroker } from "@lambdad/testkit";
import { type BookReport, checkBooks, type Disturbance } from "./amqp-fault-books.ts";
import { FaultCalls } from "./amqp-fault-calls.ts";
import { type FaultHostCommand, FaultHosts } from "./amqp-fault-hosts.ts";
import { faultHeartbeatSeconds, type FaultKind } from "./amqp-fault-kinds.ts";

export interface AmqpFaultOptions {
  /** Calls at least; it goes on until each fault has happened once. */
  readonly calls: number;
  /** Calls at once. */
  readonly inFlight: number;
  /** The function works so long at most, in milliseconds. */
  readonly workMsMax: number;
  readonly hosts: number;
  /** How a host is started. It serves `queue` and notes executions in the file `journal`. */
  readonly hostCommand: (host: FaultHostPlace) => FaultHostCommand;
  /** Each in turn, in a new order each time. */
  readonly faults: readonly FaultKind[];
  /** Time without a fault, in milliseconds. */
  readonly calmMs: number;
  /** The run is cut, and counts as failed, after this time. */
  readonly timeLimitMs: number;
  readonly onProgress?: (progress: AmqpFaultProgress) => void;
}

export interface FaultHostPlace {
  readonly brokerUri: string;
  readonly queue: string;
  readonly journal: string;
}

export interface AmqpFaultProgress {
  readonly ended: number;
  readonly failed: number;
  readonly faults: number;
  /** What happens now; empty: no fault. */
  readonly fault: string;
}

export interface AmqpFaultReport extends BookReport {
  readonly calls: number;
  /** Replies that came when their caller had left. */
  readonly lateReplies: number;
  /** How often each fault happened. */
  readonly faults: Readonly<Record<string, number>>;
  /** The longest time from the end of a fault until all was well again, by fault. */
  readonly recoveryMs: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const clientCount = 2;
const deadlineMs = 10_000;
/** Machines that run tests are busy, and this process with them. */
const slackMs = 3_000;
const acknowledgedMs = 1_000;
/** Back-off of 10 s at most, and the start of a host. */
const recoveryMsMax = 60_000;
const queue = "faults";

/**
 * Callers call a function behind a private broker while faults are done to the broker and to the hosts.
 * Each call must end in its own reply or in one clear error within its deadline; a request that was
 * answered was executed, and only once unless a host or a connection died.
 */
export async function runAmqpFaults(options: AmqpFaultOptions): Promise<AmqpFaultReport> {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-faults-"));
  const broker = await startBroker();
  try {
    const run = new FaultRun(broker, join(folder, "journal"), options);
    return await run.run();
  } finally {
    await broker.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

class FaultRun {
  readonly #broker: Broker;
  readonly #journal: string;
  readonly #options: AmqpFaultOptions;
  readonly #hosts: FaultHosts;
  readonly #uri: string;
  readonly #disturbances: Disturbance[] = [];
  readonly #violations: string[] = [];
  readonly #faults: Record<string, number> = {};
  readonly #recoveryMs: Record<string, number> = {};
  #clients: readonly RpcClient[] = [];
  #fault = "";
  #lateReplies = 0;

  constructor(broker: Broker, journal: string, options: AmqpFaultOptions) {
    this.#broker = broker;
    this.#journal = journal;
    this.#options = options;
    this.#uri = `${broker.uri}?heartbeat=${faultHeartbeatSeconds}`;
    const place = { brokerUri: this.#uri, queue, journal };
    this.#hosts = new FaultHosts(options.hostCommand(place), options.hosts);
  }

  async run(): Promise<AmqpFaultReport> {
    const startedMs = performance.now();
    writeFileSync(this.#journal, "");
    let calls: FaultCalls | undefined;
    try {
      await this.#hosts.start();
      const names = Array.from({ length: clientCount }, (_, index) => `faults ${index}`);
      this.#clients = await Promise.all(names.map((name) => this.#connect(name)));
      const { inFlight, workMsMax } = this.#options;
      calls = new FaultCalls({ clients: this.#clients, queue, inFlight, workMsMax, deadlineMs });
      calls.start();
      await this.#disturb(calls, startedMs);
      await calls.stop(deadlineMs + slackMs);
      await this.#checkEnd(calls);
    } finally {
      for (const client of this.#clients) client.destroy();
      await this.#hosts.stop("all");
    }
    await this.#checkLeftovers();
    return this.#report(calls, startedMs);
  }

  async #connect(connectionName: string): Promise<RpcClient> {
    return await connect(this.#uri, {
      connectionName,
      observer: {
        lateReply: () => {
          this.#lateReplies += 1;
        },
        fault: ({ event, message }) => {
          // A connection that is lost while nothing is done to it makes the books worthless.
          if (this.#fault === "" && event === "broker.lost") this.#violations.push(message);
        },
      },
    });
  }

  async #disturb(calls: FaultCalls, startedMs: number): Promise<void> {
    const { faults, calmMs, timeLimitMs } = this.#options;
    const reporting = setInterval(() => this.#progress(calls), 100);
    try {
      for (let round: FaultKind[] = []; ;) {
        await sleep(calmMs);
        const isEveryFaultDone = faults.every(({ name }) => (this.#faults[name] ?? 0) > 0);
        if (calls.ended >= this.#options.calls && isEveryFaultDone) return;
        if (performance.now() - startedMs > timeLimitMs) {
          this.#violations.push(`Not finished after ${timeLimitMs} ms`);
          return;
        }
        if (round.length === 0) round = shuffled(faults);
        const kind = round.pop();
        if (kind !== undefined && !(await this.#happen(kind, calls))) return;
      }
    } finally {
      clearInterval(reporting);
    }
  }

  /** @returns `false` when it did not recover: then nothing that follows means anything. */
  async #happen(kind: FaultKind, calls: FaultCalls): Promise<boolean> {
    const { name, breaks, cutsCallers, harmless } = kind;
    const fromMs = performance.now();
    this.#fault = name;
    this.#faults[name] = (this.#faults[name] ?? 0) + 1;
    await kind.run({ broker: this.#broker, hosts: this.#hosts, queue });
    const overMs = performance.now();
    const hasRecovered = await this.#recovered(calls, overMs + recoveryMsMax);
    const untilMs = performance.now();
    const tookMs = Math.round(untilMs - overMs);
    this.#recoveryMs[name] = Math.max(this.#recoveryMs[name] ?? 0, tookMs);
    this.#disturbances.push({ fault: name, fromMs, untilMs, breaks, cutsCallers, harmless });
    this.#fault = "";
    if (!hasRecovered) {
      this.#violations.push(`Not recovered from ${name} within ${recoveryMsMax} ms (AM-2)`);
    }
    return hasRecovered;
  }

  /** All hosts consume again, and each client gets a reply. */
  async #recovered(calls: FaultCalls, untilMs: number): Promise<boolean> {
    while (performance.now() < untilMs) {
      await this.#hosts.checkAlive();
      await this.#hosts.start();
      const queues = await this.#broker.queues();
      const { consumers = 0 } = queues.find(({ name }) => name === queue) ?? {};
      if (consumers === this.#hosts.count) {
        const probes = this.#clients.map((client) => calls.probe(client));
        if ((await Promise.all(probes)).every(Boolean)) return true;
      }
      await sleep(50);
    }
    return false;
  }

  /** Nothing is pending, and everything works as at the beginning. */
  async #checkEnd(calls: FaultCalls): Promise<void> {
    for (const client of this.#clients) {
      const { inFlight } = client;
      if (inFlight > 0) this.#violations.push(`${inFlight} calls are pending for ever (INV-8)`);
      const probes = Array.from({ length: 100 }, () => calls.probe(client));
      const returned = (await Promise.all(probes)).filter(Boolean).length;
      if (returned < probes.length) {
        this.#violations.push(
          `Only ${returned} of ${probes.length} calls returned after the faults`,
        );
      }
    }
    const left = (await this.#broker.queues()).find(({ name }) => name === queue);
    if (left !== undefined && left.ready + left.unacknowledged > 0) {
      this.#violations.push(`Requests were left in the queue: ${JSON.stringify(left)}`);
    }
    await Promise.all(this.#clients.map((client) => client.close()));
  }

  /** With the last host its queue goes, with the clients their reply queues (contract §3, §16.6). */
  async #checkLeftovers(): Promise<void> {
    const untilMs = performance.now() + 5_000;
    for (;;) {
      const queues = await this.#broker.queues();
      const connections = await this.#broker.connections();
      if (queues.length + connections === 0) return;
      if (performance.now() > untilMs) {
        const names = queues.map(({ name }) => name).join(", ");
        this.#violations.push(`Left at the broker: ${connections} connections, queues: ${names}`);
        return;
      }
      await sleep(50);
    }
  }

  #report(calls: FaultCalls, startedMs: number): AmqpFaultReport {
    const bookOptions = { slackMs, acknowledgedMs };
    const executions = executionsOf(readFileSync(this.#journal, "latin1"));
    const books = checkBooks(calls.records, executions, this.#disturbances, bookOptions);
    const violations = [
      ...this.#violations,
      ...this.#hosts.violations,
      ...calls.violations.slice(0, 50),
      ...books.violations,
    ];
    return {
      ...books,
      calls: calls.records.length,
      lateReplies: this.#lateReplies,
      faults: this.#faults,
      recoveryMs: this.#recoveryMs,
      seconds: Math.round(performance.now() - startedMs) / 1000,
      violations,
    };
  }

  #progress(calls: FaultCalls): void {
    const faults = Object.values(this.#faults).reduce((sum, count) => sum + count, 0);
    const { ended, failed } = calls;
    this.#options.onProgress?.({ ended, failed, faults, fault: this.#fault });
  }
}

/** How often each call was executed: one line of the journal for each time. */
function executionsOf(journal: string): ReadonlyMap<number, number> {
  const times = new Map<number, number>();
  for (const line of journal.split("\n")) {
    if (line !== "") times.set(Number(line), (times.get(Number(line)) ?? 0) + 1);
  }
  return times;
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const keyed = items.map((item) => ({ item, key: Math.random() }));
  return keyed.sort((one, other) => one.key - other.key).map(({ item }) => item);
}
