import { type OutputSink, openSink } from "./output-sink.ts";

/** Bytes that may wait for a slow reader; what comes on top is dropped and counted (HO-12). */
const pendingBytesMax = 8 * 1024 * 1024;

/** Errors after which nobody will read any more; others, such as a full disk, may pass. */
const finalErrors: ReadonlySet<string | undefined> = new Set([
  "EPIPE",
  "ECONNRESET",
  "EBADF",
  "ERR_STREAM_DESTROYED",
]);

const newline = 0x0a;

/** Pieces that are kept apart: beside a line of one byte, the object that holds it is large. */
const piecesMax = 512;

/**
 * Writes lines to a descriptor without ever blocking the event loop or throwing: `process.stdout`
 * writes to pipes synchronously, and a reader that stops would stop the daemon. A write that waits for
 * its reader keeps the process alive: it has to be ended with `process.exit`.
 */
export class LineWriter {
  readonly #descriptor: number;
  #sink: OutputSink | undefined;
  #pending: Uint8Array[] = [];
  /** What comes behind, to be joined into one of those. */
  #pieces: Uint8Array[] = [];
  #pendingBytes = 0;
  #text = "";
  #state: "idle" | "scheduled" | "writing" | "closed" = "idle";
  #droppedLines = 0;
  #idleListeners: (() => void)[] = [];

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Lines that were dropped: the reader was too slow or has gone, or there was no room for them. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Takes one line, newline included. */
  write(line: string | Uint8Array): void {
    if (this.#state === "closed" || this.#pendingBytes + this.#text.length > pendingBytesMax) {
      this.#droppedLines += 1;
      return;
    }
    if (typeof line === "string") {
      this.#text += line;
    } else {
      this.#flushText();
      this.#keep(Buffer.from(line));
    }
    this.#schedule();
  }

  /** Resolves when all that was taken has been written, or dropped; at the latest after `limitMs`. */
  idle(limitMs: number): Promise<void> {
    if (this.#state === "idle" || this.#state === "closed") return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.#idleListeners.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #flushText(): void {
    if (this.#text === "") return;
    const bytes = Buffer.from(this.#text);
    this.#text = "";
    this.#keep(bytes);
  }

  #keep(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#pendingBytes += bytes.byteLength;
    if (this.#pieces.length >= piecesMax) this.#pending.push(Buffer.concat(this.#pieces.splice(0)));
  }

  /** Takes all that waits, oldest first. */
  #takePending(): readonly Uint8Array[] {
    this.#flushText();
    const all = [...this.#pending, ...this.#pieces];
    this.#pending = [];
    this.#pieces = [];
    return all;
  }

  /** What is written in one turn of the event loop goes out in one write. */
  #schedule(): void {
    if (this.#state !== "idle") return;
    this.#state = "scheduled";
    setImmediate(() => this.#writeNext());
  }

  #writeNext(): void {
    const pending = this.#takePending();
    const bytes = pending.length === 1 ? pending[0] : Buffer.concat(pending);
    if (bytes === undefined || bytes.byteLength === 0) {
      this.#become("idle");
      return;
    }
    this.#state = "writing";
    const done = (error?: NodeJS.ErrnoException): void => this.#written(bytes, error);
    try {
      this.#sink ??= openSink(this.#descriptor);
      this.#sink.write(bytes, done);
    } catch (error) {
      done(error as NodeJS.ErrnoException);
    }
  }

  #written(bytes: Uint8Array, error?: NodeJS.ErrnoException): void {
    this.#pendingBytes -= bytes.byteLength;
    if (error !== undefined) this.#drop([bytes]);
    if (!finalErrors.has(error?.code)) {
      this.#writeNext();
      return;
    }
    // The daemon goes on without a log.
    this.#drop(this.#takePending());
    this.#become("closed");
  }

  #drop(chunks: readonly Uint8Array[]): void {
    for (const bytes of chunks) {
      for (let at = bytes.indexOf(newline); at !== -1; at = bytes.indexOf(newline, at + 1)) {
        this.#droppedLines += 1;
      }
    }
  }

  #become(state: "idle" | "closed"): void {
    this.#state = state;
    if (state === "closed") {
      this.#pendingBytes = 0;
    }
    for (const listener of this.#idleListeners.splice(0)) listener();
  }
}
