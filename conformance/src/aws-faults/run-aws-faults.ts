import { AwsClientError, Session } from "@lambdad/aws";
import { objectOf, startEchoServer } from "./echo-server.ts";
import { type FaultProxy, type ProxyFault, startFaultProxy } from "./fault-proxy.ts";
import { seededRandom } from "./random.ts";

/** How calls are made under faults. */
export interface AwsFaultOptions {
  readonly calls: number;
  readonly inFlight: number;
  readonly maxConnections: number;
  /** Part of the connections that are harmed, 0 to 1. */
  readonly connectionFaultRate: number;
  /** Part of the answers that are errors or harmed, 0 to 1. */
  readonly answerFaultRate: number;
  readonly seed: number;
  readonly timeLimitMs: number;
  readonly onProgress?: (report: AwsFaultReport) => void;
}

/** What came of it. */
export interface AwsFaultReport {
  returned: number;
  aborted: number;
  /** Errors by name. */
  readonly failed: Record<string, number>;
  /** Attempts of all calls. */
  attempts: number;
  requests: number;
  faults: Readonly<Record<ProxyFault, number>>;
  /** What must never happen, and did. */
  readonly violations: string[];
}

const mebibyte = 1024 * 1024;

/** Makes calls of several kinds through a proxy that harms connections, and keeps the books. */
export async function runAwsFaults(options: AwsFaultOptions): Promise<AwsFaultReport> {
  const random = seededRandom(options.seed);
  const server = await startEchoServer(random, options.answerFaultRate);
  const proxy = await startFaultProxy({
    serverPort: server.port,
    random,
    faultRate: options.connectionFaultRate,
  });
  const report: AwsFaultReport = {
    returned: 0,
    aborted: 0,
    failed: {},
    attempts: 0,
    requests: 0,
    faults: proxy.faults,
    violations: server.violations,
  };
  const onUnhandled = (reason: unknown): void =>
    void report.violations.push(`Unhandled rejection: ${String(reason)}`);
  process.on("unhandledRejection", onUnhandled);
  try {
    await new FaultCalls(options, report, random, proxy).run();
    await until(() => proxy.open === 0);
    if (proxy.open > 0) report.violations.push(`${proxy.open} sockets were left`);
  } finally {
    process.off("unhandledRejection", onUnhandled);
    report.requests = server.requests;
    await proxy.close();
    await server.close();
  }
  return report;
}

class FaultCalls {
  readonly #options: AwsFaultOptions;
  readonly #report: AwsFaultReport;
  readonly #random: () => number;
  readonly #session: Session;
  readonly #s3;
  readonly #dynamodb;
  readonly #endAt: number;
  #next = 0;
  /** Outcomes that the clients have told their listeners of. */
  #observed = 0;

  constructor(
    options: AwsFaultOptions,
    report: AwsFaultReport,
    random: () => number,
    { port }: FaultProxy,
  ) {
    this.#options = options;
    this.#report = report;
    this.#random = random;
    this.#endAt = performance.now() + options.timeLimitMs;
    this.#session = new Session({
      endpoint: `http://127.0.0.1:${port}`,
      region: "us-east-1",
      credentials: { accessKeyId: "soak", secretAccessKey: "soak" },
      maxConnections: options.maxConnections,
      maxAttempts: 8,
      attemptTimeout: 2000,
      bodyTimeout: 500,
      retry: { quota: false, baseDelay: 5, maxDelay: 50 },
      responseChecksumValidation: "WHEN_SUPPORTED",
    });
    this.#s3 = this.#session.client("s3");
    this.#dynamodb = this.#session.client("dynamodb");
    const count = (): void => void this.#observed++;
    for (const client of [this.#s3, this.#dynamodb]) {
      client.on("response", count);
      client.on("error", count);
    }
  }

  async run(): Promise<void> {
    const { inFlight, calls } = this.#options;
    await Promise.all(Array.from({ length: inFlight }, () => this.#lane()));
    const { returned, aborted, failed, violations } = this.#report;
    const ended = returned + aborted + Object.values(failed).reduce((sum, count) => sum + count, 0);
    if (this.#next < calls) violations.push(`The time ended after ${this.#next} calls`);
    if (ended !== this.#next) violations.push(`${this.#next} calls had ${ended} outcomes`);
    if (this.#observed !== this.#next) {
      violations.push(`${this.#next} calls were reported ${this.#observed} times`);
    }
    await this.#session.close();
  }

  async #lane(): Promise<void> {
    while (this.#next < this.#options.calls && performance.now() < this.#endAt) {
      const id = this.#next++;
      try {
        if (await this.#call(id)) this.#report.returned++;
        else this.#report.aborted++;
      } catch (error) {
        this.#count(id, error);
      }
      this.#options.onProgress?.(this.#report);
    }
  }

  #count(id: number, error: unknown): void {
    const { failed, violations } = this.#report;
    const name = error instanceof Error ? error.name : typeof error;
    failed[name] = (failed[name] ?? 0) + 1;
    if (!(error instanceof AwsClientError)) violations.push(`Call ${id}: ${String(error)}`);
    else this.#report.attempts += error.$metadata?.attempts ?? 0;
  }

  /** @returns false when it was given up. */
  async #call(id: number): Promise<boolean> {
    const chance = this.#random();
    if (chance < 0.4) return this.#getItem(id);
    if (chance < 0.45) return this.#giveUp(id);
    const size = Math.floor(this.#random() ** 4 * (chance < 0.47 ? 3 * mebibyte : 100_000));
    const target = { Bucket: "soak", Key: `${id}-${size}` };
    return chance < 0.75 ? this.#get(target) : this.#put(target);
  }

  async #getItem(id: number): Promise<boolean> {
    const Key = { id: { N: String(id) } };
    const { Item, $metadata } = await this.#dynamodb.getItem({ TableName: "t", Key });
    this.#report.attempts += $metadata.attempts;
    if (Item?.["id"]?.N !== String(id)) this.#blame(id, "the answer of another call");
    return true;
  }

  async #giveUp(id: number): Promise<boolean> {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), this.#random() * 5);
    const { signal } = controller;
    const Key = { id: { N: String(id) } };
    try {
      await this.#dynamodb.getItem({ TableName: "t", Key }, { signal });
      return true;
    } catch (error) {
      if (error instanceof Error && error.name === "AbortError") return false;
      throw error;
    }
  }

  async #get(target: { Bucket: string; Key: string }): Promise<boolean> {
    const isStream = this.#random() < 0.2;
    const { Body, $metadata } = await this.#s3.getObject(target, {
      body: isStream ? "stream" : "auto",
    });
    this.#report.attempts += $metadata.attempts;
    const bytes = await Body?.bytes();
    if (bytes?.equals(objectOf(target.Key)) !== true) this.#blame(target.Key, "other bytes");
    return true;
  }

  async #put(target: { Bucket: string; Key: string }): Promise<boolean> {
    const bytes = objectOf(target.Key);
    const chance = this.#random();
    const Body = chance < 0.5 ? bytes : chance < 0.75 ? (): Blob => new Blob([bytes]) : halves;
    async function* halves(): AsyncGenerator<Uint8Array> {
      yield bytes.subarray(0, bytes.length / 2);
      yield await Promise.resolve(bytes.subarray(bytes.length / 2));
    }
    const { ETag, $metadata } = await this.#s3.putObject({
      ...target,
      Body,
      ContentLength: bytes.length,
    });
    this.#report.attempts += $metadata.attempts;
    if (ETag !== `"${target.Key}"`) this.#blame(target.Key, "the answer of another call");
    return true;
  }

  #blame(id: number | string, what: string): void {
    this.#report.violations.push(`Call ${id} got ${what}`);
  }
}

/** Waits for what comes within a few seconds, if ever. */
async function until(condition: () => boolean): Promise<void> {
  const endAt = performance.now() + 5000;
  while (!condition() && performance.now() < endAt) {
    await new Promise((resolve) => void setTimeout(resolve, 10));
  }
}
