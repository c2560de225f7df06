import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { ProcessGuard } from "./process-guard.ts";
import { unusedPort } from "./telemetry-sink.ts";

export interface RedisServerOptions {
  /** Further arguments: `["--requirepass", "secret"]`. */
  readonly args?: readonly string[];
}

const startMs = 30_000;
const endMs = 10_000;
const startsMax = 3;

/** Path of the Redis server; undefined when it is not installed. */
export function findRedisServer(): string | undefined {
  const folders = [process.env["PATH"] ?? "", "/usr/local/bin", "/usr/bin"].join(delimiter);
  return folders
    .split(delimiter)
    .map((folder) => join(folder, "redis-server"))
    .find((file) => existsSync(file));
}

/**
 * A private Redis: own port on 127.0.0.1, own folder, nothing of it left at the end. It does not keep the
 * process alive, and ends with it, also when that is killed. Its data is in
 * memory alone, unless `args` say otherwise.
 *
 * @throws {Error} when Redis is not installed (it says what to install), or with its output.
 */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const file = findRedisServer();
  if (file === undefined) {
    throw new Error(
      "Cannot start Redis: redis-server is not installed. Install it " +
        "(Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis)",
    );
  }
  for (let attempt = 1; ; attempt += 1) {
    const server = new RedisServer(file, await unusedPort(), options.args ?? []);
    try {
      await server.start();
      return server;
    } catch (error) {
      const { log } = server;
      await server.stop();
      // Another process took the port between the look and the start.
      if (attempt === startsMax || !log.includes("Address already in use")) throw error;
    }
  }
}

/** See `startRedis`. */
export class RedisServer {
  readonly port: number;
  /** `redis://127.0.0.1:PORT`. */
  readonly uri: string;
  readonly folder: string = mkdtempSync(join(tmpdir(), "lambdad-redis-"));
  readonly #file: string;
  readonly #args: readonly string[];
  readonly #guard: ProcessGuard;
  #process: ChildProcess | undefined;

  /** Starts nothing: see `startRedis`. */
  constructor(file: string, port: number, args: readonly string[]) {
    this.#file = file;
    this.port = port;
    this.uri = `redis://127.0.0.1:${port}`;
    this.#args = args;
    this.#guard = new ProcessGuard(this.folder);
  }

  /** @throws {Error} when it does not run. */
  get pid(): number {
    const { pid } = this.#process ?? {};
    if (pid === undefined) throw new Error("Cannot tell the process id: Redis does not run");
    return pid;
  }

  /** What it has written, all starts together. */
  get log(): string {
    try {
      return readFileSync(join(this.folder, "output"), "utf8");
    } catch {
      return "";
    }
  }

  /** After `kill()`: again, on the same port, with what it had saved. */
  async start(): Promise<void> {
    const output = openSync(join(this.folder, "output"), "a");
    const own = ["--port", String(this.port), "--bind", "127.0.0.1", "--save", ""];
    const child = spawn(this.#file, [...own, "--dir", this.folder, ...this.#args], {
      cwd: this.folder,
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.on("error", () => {});
    child.unref();
    this.#process = child;
    this.#guard.watch([child.pid ?? 0]);
    const untilMs = performance.now() + startMs;
    while (!(await accepts(this.port))) {
      if (child.exitCode !== null || performance.now() > untilMs) {
        throw new Error(`Cannot start Redis:\n${this.log.slice(-2000)}`);
      }
      await sleep(20);
    }
  }

  /** SIGKILL, as when its machine is lost. */
  async kill(): Promise<void> {
    const child = this.#process;
    this.#process = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, endMs);
    child.ref();
    child.once("exit", () => resolve());
    child.kill("SIGKILL");
    await promise;
    clearTimeout(timer);
    this.#guard.watch([]);
  }

  /** Ends it at once, and removes what it had. Safe to call twice. */
  async stop(): Promise<void> {
    await this.kill();
    await this.#guard.end();
  }

  /** SIGSTOP: its connections stay open, and nothing moves any more. */
  pause(): void {
    process.kill(this.pid, "SIGSTOP");
  }

  /** SIGCONT. */
  resume(): void {
    process.kill(this.pid, "SIGCONT");
  }
}

async function accepts(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const socket = connect(port, "127.0.0.1");
  socket.on("connect", () => resolve(true)).on("error", () => resolve(false));
  try {
    return await promise;
  } finally {
    socket.destroy();
  }
}
