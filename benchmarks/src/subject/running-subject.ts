import { type ChildProcess, spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { closeSync, mkdtempSync, openSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ExtensionFolder } from "./extension-folder.ts";
import { endOfOutput, stopProcess, watchProcess } from "./stop-process.ts";
import {
  type Subject,
  subjectCommand,
  subjectEnvironment,
  type SubjectSettings,
} from "./subject.ts";

const startMsMax = 20_000;

/** A subject that runs and accepts connections. Whoever started it stops it. */
export class RunningSubject {
  readonly name: string;
  readonly port: number;
  readonly pid: number;
  /** From just before the process was made to the first connection that it accepted. */
  readonly startMs: number;
  /** `performance.now()` just before the process was made. */
  readonly startedAtMs: number;
  readonly extensions: ExtensionFolder;
  readonly #child: ChildProcess;
  readonly #folder: string;

  private constructor(name: string, port: number, started: StartedProcess) {
    this.name = name;
    this.port = port;
    this.pid = started.pid;
    this.startedAtMs = started.atMs;
    this.startMs = performance.now() - started.atMs;
    this.extensions = started.extensions;
    this.#child = started.child;
    this.#folder = started.folder;
  }

  /**
   * Starts a subject with a runtime's command and waits until it accepts connections.
   *
   * @throws {Error} when it ends before that, or takes more than 20 s; with the end of its output.
   */
  static async start(
    subject: Subject,
    runtime: readonly string[],
    { concurrency, signal }: { readonly concurrency: number; readonly signal: AbortSignal },
  ): Promise<RunningSubject> {
    signal.throwIfAborted();
    const [port, runtimePort] = [await freePort(), await freePort()];
    const started = spawnSubject(subject, runtime, { port, runtimePort, concurrency });
    try {
      await untilAccepting(port, started, signal);
      return new RunningSubject(subject.name, port, started);
    } catch (error) {
      const output = endOfOutput(started.folder);
      await stopProcess(started.child, started.folder);
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`Cannot start ${subject.name}: ${reason}${output}`, { cause: error });
    }
  }

  /** The last lines that it wrote, for the text of an error; empty when it wrote nothing. */
  output(): string {
    return endOfOutput(this.#folder);
  }

  /** Ends it and everything it started. Asks first; after 5 s it kills. */
  async stop(): Promise<void> {
    await stopProcess(this.#child, this.#folder);
  }
}

interface StartedProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly folder: string;
  readonly extensions: ExtensionFolder;
  readonly atMs: number;
  /** Rejects when the process cannot be made or has ended. */
  readonly ended: Promise<never>;
}

function spawnSubject(
  subject: Subject,
  runtime: readonly string[],
  ports: Omit<SubjectSettings, "opt">,
): StartedProcess {
  const folder = mkdtempSync(join(tmpdir(), "lambdad-benchmarks-"));
  const extensions = new ExtensionFolder(folder, subject.extensions);
  const settings = { ...ports, opt: extensions.opt };
  const [file = "", ...args] = subjectCommand(subject, runtime, settings);
  const env = { ...subjectEnvironment(process.env, settings), ...subject.variables };
  // A file, not a pipe: reading a pipe would cost CPU time while it is measured.
  const output = openSync(join(folder, "output"), "a");
  try {
    const atMs = performance.now();
    const child = spawn(file, args, {
      env,
      stdio: ["ignore", output, output],
      // A process group of its own: Ctrl-C is for the benchmark, which then stops the subject.
      detached: true,
    });
    const ended = Promise.withResolvers<never>();
    ended.promise.catch(() => undefined);
    child.on("error", (error) => ended.reject(error));
    child.on("exit", (code, signal) =>
      ended.reject(new Error(`it ended with ${signal ?? `status ${code}`}`)),
    );
    watchProcess(child);
    return { child, pid: child.pid ?? 0, folder, extensions, atMs, ended: ended.promise };
  } finally {
    closeSync(output);
  }
}

async function untilAccepting(
  port: number,
  { ended }: StartedProcess,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  const deadline = performance.now() + startMsMax;
  const poll = async (): Promise<void> => {
    while (!(await accepts(port))) {
      signal.throwIfAborted();
      over.signal.throwIfAborted();
      if (performance.now() > deadline) throw new Error(`no connection within ${startMsMax} ms`);
      await delay(1);
    }
  };
  try {
    await Promise.race([poll(), ended]);
  } finally {
    over.abort();
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: "127.0.0.1", port });
    socket.on("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}

/**
 * A port of the loopback interface that was free a moment ago. It lies below the range from which
 * systems take the ports of outgoing connections, so that none of those takes it meanwhile.
 */
async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const port = randomInt(20_000, 32_000);
    const server = createServer();
    const listening = await new Promise<boolean>((resolve) => {
      server.on("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!listening) continue;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
  throw new Error("Cannot find a free port");
}
