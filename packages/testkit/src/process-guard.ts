import { type ChildProcess, spawn } from "node:child_process";
import type { Socket } from "node:net";

/**
 * Ends processes and removes a folder when this process is gone, however it ended, also by SIGKILL. A
 * shell holds the other end of a pipe: it is told which processes live, and acts when the pipe closes.
 */
export class ProcessGuard {
  readonly #shell: ChildProcess;

  constructor(folder: string) {
    const script = `trap '' INT TERM HUP
pids=
while read -r line; do pids=$line; done
[ -z "$pids" ] || kill -9 $pids
sleep 0.1
rm -rf "$1"`;
    this.#shell = spawn("/bin/sh", ["-c", script, "guard", folder], {
      cwd: "/",
      // Its own session: Ctrl-C in a terminal must not end it before what it guards.
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    this.#shell.on("error", () => {});
    this.#shell.stdin?.on("error", () => {});
    this.#shell.unref();
    (this.#shell.stdin as Socket | null)?.unref();
  }

  /** The processes that live now. */
  watch(pids: readonly number[]): void {
    this.#shell.stdin?.write(`${pids.join(" ")}\n`);
  }

  /** Ends what is watched, and removes the folder. */
  async end(): Promise<void> {
    if (this.#shell.exitCode !== null || this.#shell.signalCode !== null) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#shell.ref();
    this.#shell.once("exit", () => resolve());
    this.#shell.stdin?.end();
    await promise;
  }
}
