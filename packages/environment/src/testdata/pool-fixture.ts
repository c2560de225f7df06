import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { type FailedResult, type InvokeResult, payloadText } from "@lambdad/core";
import { type CollectingStream, invocationOf, rogueRuntime, type RogueMode, type RogueReport } from "@lambdad/testkit";
import type { EnvironmentEndReason, Fault } from "../environment-observer.ts";
import { EnvironmentPool } from "../pool/environment-pool.ts";
import type { PlatformEvent } from "../platform-event.ts";
import type { RejectReason } from "../reject-reason.ts";

export interface PoolFixtureOptions {
  readonly environmentsMax?: number;
  readonly waitingMax?: number;
  readonly waitMsMax?: number;
  readonly idleTimeoutMs?: number;
  readonly concurrency?: number;
  readonly timeoutMs?: number;
  readonly initTimeoutMs?: number;
  readonly memorySizeMb?: number;
  readonly memoryEnforced?: boolean;
  readonly variables?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly launcher?: readonly string[];
  /** Folder of the external extensions; default: one that does not exist. */
  readonly extensionsDir?: string;
}

/** A pool of rogue runtimes, and all that it said. */
export interface PoolFixture {
  readonly pool: EnvironmentPool;
  readonly events: PlatformEvent[];
  readonly faults: Fault[];
  readonly rejects: RejectReason[];
  readonly ends: EnvironmentEndReason[];
  /** Records that subscribers of telemetry did not get. */
  readonly dropped: { readonly records: number };
  readonly output: { readonly line: string; readonly requestId: string | undefined }[];
  /** Invokes with a JSON value. */
  readonly invoke: (event: unknown, options?: InvokeOptions) => Promise<InvokeResult>;
  /** What the runtime saw of its own misbehaviour. */
  readonly report: () => Promise<RogueReport>;
}

export interface InvokeOptions {
  readonly requestId?: string;
  readonly logTail?: boolean;
  readonly stream?: CollectingStream;
  readonly signal?: AbortSignal;
  /** On the monotonic clock. */
  readonly expiresAtMs?: number;
}

/** Starts a pool whose runtime is the rogue one in this mode; it stops with the test. */
export function startRogue(
  t: TestContext,
  mode: readonly [RogueMode, ...string[]],
  options: PoolFixtureOptions = {},
): Promise<PoolFixture> {
  return startPool(t, rogueRuntime(...mode), options);
}

/** Starts a pool with any command; it stops with the test. */
export async function startPool(
  t: TestContext,
  command: readonly string[],
  options: PoolFixtureOptions = {},
): Promise<PoolFixture> {
  const fixture = await openPool(command, options, t.signal);
  t.after(() => fixture.pool.stop(0));
  return fixture;
}

/** Starts a pool that the caller stops. */
export async function openPool(
  command: readonly string[],
  options: PoolFixtureOptions = {},
  defaultSignal: AbortSignal = new AbortController().signal,
): Promise<PoolFixture> {
  const events: PlatformEvent[] = [];
  const faults: Fault[] = [];
  const rejects: RejectReason[] = [];
  const dropped = { records: 0 };
  const ends: EnvironmentEndReason[] = [];
  const output: { line: string; requestId: string | undefined }[] = [];
  const [file = "", ...args] = command;
  const cwd = options.cwd ?? process.cwd();
  const timeoutMs = options.timeoutMs ?? 10_000;
  const pool = new EnvironmentPool({
    environment: {
      configuration: {
        name: "rogue",
        version: "$LATEST",
        region: "us-east-1",
        accountId: "012345678912",
        handler: "",
        memorySizeMb: options.memorySizeMb ?? 512,
        timeoutMs,
      },
      command: { file, args, cwd, variables: {}, channel: false },
      inherited: { PATH: process.env["PATH"], ...options.variables },
      taskRoot: cwd,
      concurrency: options.concurrency,
      extensionsDir: options.extensionsDir ?? join(tmpdir(), "lambdad-no-extensions"),
      initTimeoutMs: options.initTimeoutMs ?? 10_000,
      memoryEnforced: options.memoryEnforced ?? false,
      logFormat: "Text",
      logLineBytesMax: 262_144,
      launcher: options.launcher ?? [],
    },
    environmentsMax: options.environmentsMax ?? 1,
    ...(options.waitingMax === undefined ? {} : { waitingMax: options.waitingMax }),
    waitMsMax: options.waitMsMax ?? timeoutMs,
    idleTimeoutMs: options.idleTimeoutMs ?? 60_000,
    runtimeApi: { host: "127.0.0.1", port: 0 },
    observer: {
      platformEvent: (event) => events.push(event),
      output: (line, requestId) => output.push({ line: line.toString("latin1"), requestId }),
      rejected: (reason) => rejects.push(reason),
      telemetryDropped: ({ records }) => {
        dropped.records += records;
      },
      fault: (fault) => faults.push(fault),
      environmentEnded: (reason) => ends.push(reason),
    },
  });
  await pool.start();
  function invoke(event: unknown, invokeOptions: InvokeOptions = {}): Promise<InvokeResult> {
    const { requestId, signal = defaultSignal, logTail = false, stream } = invokeOptions;
    const { expiresAtMs } = invokeOptions;
    const bytes = Buffer.from(JSON.stringify(event));
    const members = { logTail, stream, expiresAtMs, ...(requestId === undefined ? {} : { requestId }) };
    return pool.invoke(invocationOf(bytes, members), signal);
  }
  async function report(): Promise<RogueReport> {
    return JSON.parse(textOf(await invoke({ report: true })));
  }
  return { pool, events, faults, rejects, ends, output, dropped, invoke, report };
}

/** The payload of a result that is not streamed. */
export function textOf(result: InvokeResult): string {
  if (result.kind === "streamed") throw new Error("Cannot read a streamed result");
  return payloadText(result.payload);
}

/** The result, which must be a failure. */
export function failed(result: InvokeResult): FailedResult & { readonly text: string } {
  if (result.kind !== "failed") throw new Error(`Expected a failure, got ${result.kind}`);
  return { ...result, text: payloadText(result.payload) };
}

/** Error type and message of a body made by the platform. */
export function platformBody(result: InvokeResult): { errorType: string; errorMessage: string } {
  return JSON.parse(failed(result).text);
}

/** An empty folder that goes with the test. */
export async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}
