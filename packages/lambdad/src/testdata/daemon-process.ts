import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { type CollectedOutput, collectOutput, waitFor } from "@lambdad/testkit";
import { temporaryFolder } from "./named-pipe.ts";

const main = fileURLToPath(new URL("../main.ts", import.meta.url));

export interface SpawnOptions {
  readonly cwd?: string;
  /** Besides PATH and HOME. */
  readonly env?: Readonly<Record<string, string>>;
  /** Options of Node's own. */
  readonly nodeOptions?: readonly string[];
  /** The file that is run: a link to the executable. */
  readonly program?: string;
}

/** The executable as a process. */
export interface LambdadProcess extends CollectedOutput {
  readonly child: ChildProcess;
}

/** A daemon that listens. */
export interface DaemonProcess extends LambdadProcess {
  readonly url: string;
  /** Invokes the function with a JSON value. */
  readonly invoke: (event: unknown, headers?: Readonly<Record<string, string>>) => Promise<Answer>;
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The text as JSON; `undefined` when it is none. */
  readonly json: unknown;
}

/** Starts the executable from its source; it is killed with the test. */
export function spawnLambdad(
  t: TestContext,
  args: readonly string[],
  options: SpawnOptions = {},
): LambdadProcess {
  const { PATH = "", HOME = "" } = process.env;
  const { cwd, env, nodeOptions = [], program = main } = options;
  const command = ["--conditions=@lambdad/source", ...nodeOptions, program, ...args];
  const child = spawn(process.execPath, command, {
    ...(cwd === undefined ? {} : { cwd }),
    env: { PATH, HOME, PORT: "0", RUNTIME_API_PORT: "0", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = collectOutput(child);
  t.after(async () => {
    // In order, so that it takes its runtimes with it; at once after a while.
    child.kill("SIGTERM");
    const timer = setTimeout(() => child.kill("SIGKILL"), 10_000);
    await output.end.catch(() => {});
    clearTimeout(timer);
  });
  return {
    child,
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    end: output.end,
  };
}

/** Starts a daemon and waits until it listens. */
export async function startDaemon(
  t: TestContext,
  args: readonly string[],
  options: SpawnOptions = {},
): Promise<DaemonProcess> {
  const daemon = spawnLambdad(t, args, options);
  const listening = /lambdad listening on (http:\/\/[^\s"]+)/;
  await waitFor(() => listening.test(daemon.stderr) || daemon.child.exitCode !== null, {
    timeoutMs: 30_000,
    what: "the line 'lambdad listening on …'",
  });
  const url = listening.exec(daemon.stderr)?.[1];
  if (url === undefined) throw new Error(`Cannot start the daemon: ${daemon.stderr}`);
  const path = `${url}/2015-03-31/functions/function/invocations`;
  return Object.defineProperties(daemon, {
    url: { value: url },
    invoke: {
      value: async (event: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
        const body = JSON.stringify(event);
        const response = await fetch(path, { method: "POST", body, headers });
        const text = await response.text();
        return { status: response.status, headers: response.headers, text, json: parsed(text) };
      },
    },
    get: {
      value: async (page: string) => {
        const response = await fetch(url + page);
        return { status: response.status, text: await response.text() };
      },
    },
  }) as DaemonProcess;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Files with their contents, below a new folder that goes with the test. */
export function folderOf(t: TestContext, files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder(t);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
  return folder;
}

/** A function in `app.mjs`, below a new folder that goes with the test. */
export function functionFolder(t: TestContext, body: string): string {
  return folderOf(t, { "app.mjs": `export const handler = async (event, context) => {\n${body}\n};\n` });
}
