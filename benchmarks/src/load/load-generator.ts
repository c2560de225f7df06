import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type {
  EchoLoad,
  EchoResult,
  LoadCommand,
  LoadFailure,
  LoadResult,
  StreamCall,
  StreamResult,
} from "./messages.ts";

/** The load generator's process, as its parent sees it. */
export class LoadGenerator {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  static start(): LoadGenerator {
    const path = fileURLToPath(new URL("generator.ts", import.meta.url));
    // In a process group of its own: Ctrl-C is for the parent, which ends this one when it is done.
    return new LoadGenerator(fork(path, { serialization: "advanced", detached: true }));
  }

  /** @throws {Error} when the load could not be run: not when answers were wrong. */
  async echo(load: Omit<EchoLoad, "kind">, signal: AbortSignal): Promise<EchoResult> {
    return (await this.#run({ kind: "echo", ...load }, signal)) as EchoResult;
  }

  /** @throws {Error} when the call could not be made: not when its answer was wrong. */
  async stream(call: Omit<StreamCall, "kind">, signal: AbortSignal): Promise<StreamResult> {
    return (await this.#run({ kind: "stream", ...call }, signal)) as StreamResult;
  }

  async #run(command: LoadCommand, signal: AbortSignal): Promise<LoadResult> {
    signal.throwIfAborted();
    const over = new AbortController();
    const anySignal = AbortSignal.any([signal, over.signal]);
    try {
      const answered = once(this.#child, "message", { signal: anySignal });
      const exited = once(this.#child, "exit", { signal: anySignal });
      exited.catch(() => undefined);
      this.#child.send(command);
      const [answer] = (await Promise.race([
        answered,
        exited.then(() => {
          throw new Error("Cannot measure: the load generator has ended");
        }),
      ])) as [LoadResult | LoadFailure];
      if (answer.kind === "failure") throw new Error(`Cannot measure: ${answer.reason}`);
      return answer;
    } finally {
      over.abort();
    }
  }

  stop(): void {
    if (this.#child.connected) this.#child.disconnect();
    this.#child.kill("SIGKILL");
  }
}
