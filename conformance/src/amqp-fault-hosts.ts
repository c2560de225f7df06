import { randomInt } from "node:crypto";
import { DaemonProcess } from "./daemon-process.ts";

/** How a host is started: its command and its variables. */
export interface FaultHostCommand {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** What it writes when it consumes its queue. */
  readonly ready: RegExp;
}

const startMs = 60_000;

/** Several hosts of one function, as processes. */
export class FaultHosts {
  readonly #command: FaultHostCommand;
  readonly #hosts: (DaemonProcess | undefined)[];
  readonly violations: string[] = [];

  constructor(command: FaultHostCommand, count: number) {
    this.#command = command;
    this.#hosts = Array.from({ length: count }, () => undefined);
  }

  get count(): number {
    return this.#hosts.length;
  }

  /** Starts those that do not run, and waits until they consume. */
  async start(): Promise<void> {
    const { command, env, ready } = this.#command;
    const [file = "", ...args] = command;
    const starting = this.#hosts.map(async (host, index) => {
      if (host !== undefined) return;
      const started = new DaemonProcess(file, args, { env, lifeMs: 60 * 60_000 });
      this.#hosts[index] = started;
      await started.output.waitFor(ready, startMs);
    });
    await Promise.all(starting);
  }

  /** SIGKILL for one of them, or for all. */
  async kill(which: "one" | "all"): Promise<void> {
    const victim = randomInt(this.#hosts.length);
    const killed = this.#hosts.map(async (host, index) => {
      if (host === undefined || (which === "one" && index !== victim)) return;
      this.#hosts[index] = undefined;
      host.kill("SIGKILL");
      await host.stop();
    });
    await Promise.all(killed);
  }

  /** SIGTERM for one of them, or for all: they finish what runs, and end with 0 (HO-8). */
  async stop(which: "one" | "all"): Promise<void> {
    const chosen = randomInt(this.#hosts.length);
    const stopped = this.#hosts.map(async (host, index) => {
      if (host === undefined || (which === "one" && index !== chosen)) return;
      this.#hosts[index] = undefined;
      const { status, signal } = await host.stop();
      if (status === 0) return;
      const output = host.output.text.slice(-2_000);
      this.violations.push(
        `A host ended with ${status ?? signal} after SIGTERM, not with 0 (HO-8): ${output}`,
      );
    });
    await Promise.all(stopped);
  }

  /** Those that have ended without being told to. */
  async checkAlive(): Promise<void> {
    for (const [index, host] of this.#hosts.entries()) {
      if (host === undefined) continue;
      const exit = await Promise.race([host.exited, Promise.resolve(undefined)]);
      if (exit === undefined) continue;
      this.#hosts[index] = undefined;
      const output = host.output.text.slice(-2_000);
      this.violations.push(`A host ended by itself with ${exit.status ?? exit.signal}: ${output}`);
    }
  }
}
