import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { markVariable } from "./daemon-process.ts";
import { type Answer, header, invoke, json } from "./invoke.ts";
import { fixture } from "./paths.ts";
import { hasProc, markedProcesses } from "./processes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

/** Where the functions, their wrapper scripts and their agents are. */
export const wrappers: string = fixture("wrappers");

/** What the fixture's function tells of its process; members that do not apply are absent. */
export interface Told {
  readonly event: unknown;
  readonly mine?: string;
  readonly times?: string;
  readonly agent?: unknown;
  readonly execArgv?: readonly string[];
  /** Python: `-X` options. */
  readonly options?: readonly string[];
  readonly handler?: string;
  readonly internal?: readonly string[];
  /** What the proxy has seen. */
  readonly proxy?: Readonly<Record<string, number>>;
}

export interface WrappedOptions {
  /** Default: `run app.handler`. */
  readonly args?: readonly string[];
  /** Name of a file in the folder, or a path. */
  readonly wrapper?: string;
  /** Of lambdad itself. */
  readonly env?: Readonly<Record<string, string>>;
  /** Of the function alone: they come from a file. */
  readonly functionEnv?: Readonly<Record<string, string>>;
}

/** Runs the fixture's function; when `work` is done, no process of it may be left. */
export async function withFunction(
  options: WrappedOptions,
  work: (daemon: Daemon) => Promise<void>,
): Promise<void> {
  const { args = ["run", "app.handler"], wrapper, env = {}, functionEnv = {} } = options;
  const folder = await mkdtemp(join(tmpdir(), "lambdad-wrappers-"));
  const envFile = join(folder, "env");
  const lines = Object.entries(functionEnv).map(([name, value]) => `${name}="${value}"\n`);
  writeFileSync(envFile, lines.join(""));
  const [command = "", ...words] = args;
  const daemonArgs = command === "run" ? ["run", `--env-file=${envFile}`, ...words] : args;
  const named = wrapper === undefined ? {} : { AWS_LAMBDA_EXEC_WRAPPER: join(wrappers, wrapper) };
  const daemonEnv = { NODE: process.execPath, ...named, ...env };
  try {
    const daemon = await startLambdad(daemonArgs, daemonEnv, { cwd: wrappers });
    try {
      await work(daemon);
      daemon.kill("SIGTERM");
      assert.deepEqual(await daemon.exited, { status: 0, signal: null });
      if (hasProc) assert.deepEqual(await markedProcesses(markVariable, daemon.mark), []);
    } finally {
      await daemon.stop();
    }
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The function's own answer; fails with what came instead. */
export async function tell(daemon: Daemon, event: unknown = null): Promise<Told> {
  const answer = await invoke(daemon, JSON.stringify(event));
  assert.equal(answer.status, 200, answer.body.toString());
  const output = `${answer.body.toString()}\n${daemon.output.text}`;
  assert.equal(header(answer, "X-Amz-Function-Error"), undefined, output);
  return json(answer) as Told;
}

/** An error of the function or its platform, without the request id. */
export async function failure(daemon: Daemon, event: unknown = null): Promise<unknown> {
  const answer: Answer = await invoke(daemon, JSON.stringify(event));
  assert.equal(header(answer, "X-Amz-Function-Error"), "Unhandled", answer.body.toString());
  const { errorType, errorMessage } = json(answer) as Record<string, string>;
  return { errorType, errorMessage: errorMessage?.replace(/^RequestId: [\da-f-]+ /, "") };
}
