import { once } from "node:events";
import type { Readable, Writable } from "node:stream";

/** A stream that may be a terminal. */
export type TerminalOutput = Writable & { readonly isTTY?: boolean; readonly columns?: number };

/** What a command may touch. The executable gives the process's own. */
export interface CommandIo {
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: TerminalOutput;
  readonly stderr: TerminalOutput;
  /** Aborted when the user wants the command to end. */
  readonly signal: AbortSignal;
}

/** How a command ended, as its exit code. Each command's `--help` lists those that it uses. */
export const exitCode = {
  success: 0,
  /** The function failed, or some calls of a bench did. */
  functionFailed: 1,
  /** The command line, or the payload, is wrong. */
  usage: 2,
  /** The function was not run, or its answer was lost. */
  hostFailed: 3,
  /** Ended by the user. */
  interrupted: 130,
  /** The reader of standard output has gone. */
  outputClosed: 141,
} as const;

/**
 * Writes to a stream that may go away: a reader such as `head` that ends early is no error of ours.
 */
export class OutputWriter {
  readonly #stream: Writable;
  readonly #gone = new AbortController();

  /** Listens for errors of the stream for as long as it lives, so that none is ever thrown. */
  constructor(stream: Writable) {
    this.#stream = stream;
    stream.on("error", () => this.#gone.abort());
    stream.once("close", () => this.#gone.abort());
  }

  /** Aborted when nobody reads any more. */
  get gone(): AbortSignal {
    return this.#gone.signal;
  }

  /** Writes, and waits while the reader is slower than we are. Does nothing when it has gone. */
  async write(bytes: Uint8Array | string): Promise<void> {
    if (this.#gone.signal.aborted || this.#stream.destroyed) return;
    if (this.#stream.write(bytes)) return;
    try {
      await once(this.#stream, "drain", { signal: this.#gone.signal });
    } catch {
      // The reader has gone: `gone` says so.
    }
  }

  /** Waits until what was written has been handed over. */
  async flush(): Promise<void> {
    if (this.#gone.signal.aborted || this.#stream.destroyed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#stream.write("", () => resolve());
    await promise;
  }
}
