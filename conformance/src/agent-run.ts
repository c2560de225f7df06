import assert from "node:assert/strict";
import { chmod, cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentBackend } from "./agent-backend.ts";
import { markVariable } from "./daemon-process.ts";
import { freePort } from "./host.ts";
import { type Layer, withLayer } from "./layer.ts";
import { header, invoke, json } from "./invoke.ts";
import { markedProcesses } from "./processes.ts";
import { type Daemon, startLambdad } from "./start-lambdad.ts";

export interface AgentSetup {
  /** Files of the extensions folder, by the name that each gets there. */
  readonly extensions?: Readonly<Record<string, string>>;
  /** Options of the daemon and the runtime's command. */
  readonly args: readonly string[];
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Variables with the address of the backend, `host:port`. */
  readonly backendEnv?: (address: string) => Readonly<Record<string, string>>;
  /** What the daemon finds in `/opt`. */
  readonly layer?: Layer;
}

/** A daemon with agents, and the backend at which they report. */
export interface AgentRun {
  readonly daemon: Daemon;
  readonly backend: AgentBackend;
  /** Invokes it, asserts a success and returns the request id and what the function returned. */
  readonly call: (event: unknown) => Promise<{ readonly id: string; readonly result: unknown }>;
  /** SIGTERM; asserts the exit code, that nothing is left, and that the log has these warnings only. */
  readonly stop: (expected?: readonly RegExp[]) => Promise<void>;
}

/**
 * Starts the daemon with a folder of extensions and a backend, and ends all of it after `work`. Agents find
 * the backend at `BACKEND` and a port that is theirs at `AGENT_PORT`.
 */
export async function withAgents(
  setup: AgentSetup,
  work: (run: AgentRun) => Promise<void>,
): Promise<void> {
  const backend = await AgentBackend.start();
  const folder = await mkdtemp(join(tmpdir(), "lambdad-agents-"));
  let daemon: Daemon | undefined;
  try {
    const scratch = join(folder, "scratch");
    await mkdir(scratch);
    const extensions = await extensionsFolder(folder, setup.extensions ?? {});
    const { args, cwd, layer } = setup;
    const env = {
      AWS_LAMBDA_FUNCTION_TIMEOUT: "20",
      BACKEND: backend.address,
      AGENT_PORT: String(await freePort()),
      ...setup.env,
      ...setup.backendEnv?.(backend.address),
    };
    const started = await startLambdad([`--extensions-dir=${extensions}`, ...args], env, {
      ...(cwd === undefined ? {} : { cwd }),
      ...(layer === undefined ? {} : { prefix: withLayer(layer, scratch) }),
    });
    daemon = started;
    await work({
      daemon: started,
      backend,
      call: (event) => call(started, event),
      stop: (expected = []) => stop(started, expected),
    });
  } finally {
    daemon?.kill("SIGKILL");
    await daemon?.stop();
    backend.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function extensionsFolder(
  folder: string,
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const extensions = join(folder, "extensions");
  await mkdir(extensions);
  for (const [name, source] of Object.entries(files)) {
    await cp(source, join(extensions, name));
    await chmod(join(extensions, name), 0o755);
  }
  return extensions;
}

async function call(daemon: Daemon, event: unknown): Promise<{ id: string; result: unknown }> {
  const answer = await invoke(daemon, JSON.stringify(event));
  const result = json(answer);
  assert.equal(answer.status, 200, JSON.stringify(result));
  const error = header(answer, "X-Amz-Function-Error");
  assert.equal(error, undefined, `${JSON.stringify(result)}\n${daemon.output.text}`);
  return { id: header(answer, "X-Amzn-RequestId") ?? "", result };
}

async function stop(daemon: Daemon, expected: readonly RegExp[]): Promise<void> {
  daemon.kill("SIGTERM");
  assert.deepEqual(await daemon.exited, { status: 0, signal: null }, daemon.output.text);
  assert.deepEqual(await markedProcesses(markVariable, daemon.mark), []);
  const warnings = daemon.output.text.match(/^\S+Z (?:WARN|ERROR|FATAL) .*$/gm) ?? [];
  const unexpected = warnings.filter((line) => !expected.some((pattern) => pattern.test(line)));
  assert.deepEqual(unexpected, []);
  for (const pattern of expected) {
    assert.ok(
      warnings.some((line) => pattern.test(line)),
      String(pattern),
    );
  }
}

/** The durations of the REPORT lines in ms, by request id. */
export function reportedDurations(daemon: Daemon): Map<string, number> {
  const found = daemon.output.text.matchAll(/REPORT RequestId: (\S+)\tDuration: ([\d.]+) ms/g);
  return new Map([...found].map(([, id = "", ms]) => [id, Number(ms)]));
}
