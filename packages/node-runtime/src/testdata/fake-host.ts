import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { wrappedCommand, wrapperVariable } from "../exec-wrapper.ts";
import { channelApiVariable, channelVariable } from "../process-settings.ts";
import { nodeRuntimeCommand } from "../runtime-command.ts";

export type Answer =
  | { readonly kind: "returned"; readonly json: string }
  | { readonly kind: "failed"; readonly errorType: string; readonly json: string }
  | {
      readonly kind: "streamed";
      readonly contentType: string;
      readonly chunks: readonly Buffer[];
      readonly error: { readonly errorType: string; readonly json: string } | undefined;
    }
  | ProcessEnd;

export interface ProcessEnd {
  readonly kind: "exited";
  readonly code: number | null;
  readonly signal: string | null;
}

export interface InitFailure {
  readonly errorType: string;
  readonly json: string;
}

/** What a test may say about one invocation. */
export interface FakeInvocation {
  readonly requestId?: string;
  readonly deadlineMs?: number;
  readonly arn?: string;
  readonly traceId?: string;
  readonly clientContext?: string;
  readonly cognitoIdentity?: string;
  readonly tenantId?: string;
  readonly onChunk?: (chunk: Buffer, flow: Flow) => void;
}

/** Lets a test hold the response stream back. */
export interface Flow {
  pause(): void;
  resume(): void;
}

export interface FunctionFiles {
  readonly handler?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly [file: `${string}.${string}`]: string;
}

/** A host with one runtime process, as tests see it, whatever the transport. */
export interface FakeHost {
  readonly child: ChildProcess;
  /** Folder of the function. */
  readonly taskRoot: string;
  readonly initFailure: Promise<InitFailure | ProcessEnd>;
  readonly exited: Promise<ProcessEnd>;
  /** `next` calls that wait for an event. */
  readonly waiting: () => number;
  /** Goes: the runtime loses its connection. */
  readonly lose: () => void;
  /** All of standard output so far. */
  readonly output: () => string;
  readonly errorOutput: () => string;
  /** Gives one event and waits for its answer, or the end of the process. */
  readonly invoke: (event: string, options?: FakeInvocation) => Promise<Answer>;
}

export type StartFakeHost = (t: TestContext, files: FunctionFiles) => Promise<FakeHost>;

const compileCacheFolder = join(tmpdir(), "lambdad-node-runtime-tests");

export interface StartedProcess {
  readonly child: ChildProcess;
  readonly taskRoot: string;
  readonly output: () => string;
  readonly errorOutput: () => string;
  readonly exited: Promise<ProcessEnd>;
}

/**
 * Writes the function's files into a new folder and starts the runtime on them, by the wrapper script
 * when `env` names one. A file that begins with `#!` is executable.
 */
export function startProcess(
  t: TestContext,
  files: FunctionFiles,
  transport: Readonly<Record<string, string>> | "channel",
): StartedProcess {
  const taskRoot = mkdtempSync(join(tmpdir(), "lambdad-function-"));
  for (const [name, text] of Object.entries(files)) {
    if (name === "handler" || typeof text !== "string") continue;
    mkdirSync(dirname(join(taskRoot, name)), { recursive: true });
    const mode = text.startsWith("#!") ? 0o755 : 0o644;
    writeFileSync(join(taskRoot, name), text, { mode });
  }
  const handler = files.handler ?? "index.handler";
  const { env, ...command } = nodeRuntimeCommand({ handler, taskRoot, compileCacheFolder });
  const { [channelVariable]: channelFd, ...otherEnv } = env;
  const transportEnv: Readonly<Record<string, string>> =
    transport === "channel"
      ? { [channelVariable]: String(channelFd) }
      : { ...transport, [channelApiVariable]: transport["AWS_LAMBDA_RUNTIME_API"] ?? "" };
  const hasChannel = transport === "channel" || files.env?.[channelVariable] !== undefined;
  const isWrapped = files.env?.[wrapperVariable] !== undefined;
  const { file, args } = isWrapped ? wrappedCommand(command.file, command.args) : command;
  const child = spawn(file, args, {
    cwd: taskRoot,
    // A wrapper may have started the runtime as its child: the group ends with it.
    detached: isWrapped,
    stdio: ["ignore", "pipe", "pipe", hasChannel ? "pipe" : "ignore"],
    env: {
      PATH: process.env["PATH"],
      AWS_LAMBDA_FUNCTION_NAME: "my-fn",
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: "128",
      AWS_LAMBDA_LOG_GROUP_NAME: "/aws/lambda/my-fn",
      AWS_LAMBDA_LOG_STREAM_NAME: "2026/11/21/[$LATEST]00000000000000000000000000000000",
      ...otherEnv,
      ...transportEnv,
      ...files.env,
    },
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const exited = new Promise<ProcessEnd>((resolve) => {
    child.on("close", (code, signal) => resolve({ kind: "exited", code, signal }));
  });
  t.after(async () => {
    if (isWrapped && child.pid !== undefined) killGroup(child.pid);
    child.kill("SIGKILL");
    await exited;
    rmSync(taskRoot, { recursive: true, force: true });
  });
  return {
    child,
    taskRoot,
    exited,
    output: () => texts.stdout,
    errorOutput: () => texts.stderr,
  };
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

let invocations = 0;

/** A request id that no other invocation of this process has. */
export function newRequestId(): string {
  invocations += 1;
  return `00000000-0000-4000-8000-${String(invocations).padStart(12, "0")}`;
}

/** The answer of one invocation while it comes in. */
export class PendingAnswer {
  readonly promise: Promise<Answer>;
  readonly options: FakeInvocation;
  readonly chunks: Buffer[] = [];
  contentType = "";
  #resolve: (answer: Answer) => void = () => undefined;

  constructor(options: FakeInvocation) {
    this.options = options;
    this.promise = new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  settle(answer: Answer): void {
    this.#resolve(answer);
  }

  chunk(bytes: Buffer, flow: Flow): void {
    this.chunks.push(bytes);
    this.options.onChunk?.(bytes, flow);
  }

  streamEnded(error: { readonly errorType: string; readonly json: string } | undefined): void {
    const { contentType, chunks } = this;
    this.settle({ kind: "streamed", contentType, chunks, error });
  }
}
