import { write } from "node:fs";

/** Bytes that may wait for a slow reader; what comes on top is dropped and counted (HO-12). */
const pendingBytesMax = 8 * 1024 * 1024;
/** How long to wait before a full pipe is tried again, in milliseconds. */
const retryMs = 10;

/**
 * Writes lines to a descriptor without ever blocking the event loop or throwing: `process.stdout`
 * writes to pipes synchronously, and a reader that stops would stop the daemon.
 */
export class LineWriter {
  readonly #descriptor: number;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #text = "";
  #scheduled = false;
  #writing = false;
  #closed = false;
  #droppedLines = 0;
  #idleListeners: (() => void)[] = [];

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** Lines that were dropped: the reader was too slow, or has gone. */
  get droppedLines(): number {
    return this.#droppedLines;
  }

  /** Takes one line, newline included. */
  write(line: string | Uint8Array): void {
    if (this.#closed || this.#pendingBytes + this.#text.length > pendingBytesMax) {
      this.#droppedLines += 1;
      return;
    }
    if (typeof line === "string") {
      this.#text += line;
    } else {
      this.#flushText();
      this.#pending.push(Buffer.from(line));
      this.#pendingBytes += line.byteLength;
    }
    this.#schedule();
  }

  /** Resolves when all that was taken has been written, or dropped; at the latest after `limitMs`. */
  idle(limitMs: number): Promise<void> {
    if (!this.#writing && !this.#scheduled) return Promise.resolve();
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
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.byteLength;
  }

  /** What is written in one turn of the event loop goes out in one write. */
  #schedule(): void {
    if (this.#scheduled || this.#writing) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#writeNext();
    });
  }

  #writeNext(): void {
    this.#flushText();
    if (this.#pending.length === 0) {
      this.#writing = false;
      for (const listener of this.#idleListeners.splice(0)) listener();
      return;
    }
    this.#writing = true;
    const bytes = this.#pending.length === 1 ? this.#pending[0] : Buffer.concat(this.#pending);
    this.#pending = [];
    if (bytes !== undefined) this.#writeBytes(bytes);
  }

  #writeBytes(bytes: Buffer): void {
    write(this.#descriptor, bytes, 0, bytes.length, null, (error, written) => {
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.#writeBytes(bytes), retryMs).unref();
        return;
      }
      if (error !== null) {
        // EPIPE and the like: nobody will read any more, and the daemon goes on without a log.
        this.#closed = true;
        this.#pending = [];
        this.#pendingBytes = 0;
        this.#writeNext();
        return;
      }
      this.#pendingBytes -= written;
      if (written < bytes.length) this.#writeBytes(bytes.subarray(written));
      else this.#writeNext();
    });
  }
}
