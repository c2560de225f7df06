import { limits } from "@lambdad/core";
import { LineSplitter } from "./line-splitter.ts";
import { LogFrameDecoder } from "./log-frame-decoder.ts";

/** Where a process writes what is to be logged: `log` is the log descriptor. */
export type OutputSource = "stdout" | "stderr" | "log";

/**
 * The output of one process as events of the log: lines of standard output and standard error, and
 * texts of the log descriptor, which may have several lines. Each ends in a newline and has its time, in
 * milliseconds since the epoch: the runtime's own on the descriptor, elsewhere that of its arrival.
 */
export class ProcessOutput {
  readonly #sources: Readonly<Record<OutputSource, LineSplitter | LogFrameDecoder>>;

  constructor(
    onLine: (line: Buffer, timeMs: number) => void,
    lineBytesMax: number = limits.logLineBytesMax,
  ) {
    const onText = (text: Buffer, timeMs?: number): void => onLine(text, timeMs ?? Date.now());
    this.#sources = {
      stdout: new LineSplitter(onText, lineBytesMax),
      stderr: new LineSplitter(onText, lineBytesMax),
      log: new LogFrameDecoder(onText, lineBytesMax),
    };
  }

  /** Bytes of overlong lines and texts that were not passed on. */
  get droppedBytes(): number {
    const { stdout, stderr, log } = this.#sources;
    return stdout.droppedBytes + stderr.droppedBytes + log.droppedBytes;
  }

  /** Takes what the process wrote. */
  push(chunk: Buffer, source: OutputSource): void {
    this.#sources[source].push(chunk);
  }

  /** No more will come: passes on what has no end yet. */
  end(): void {
    this.#sources.stdout.end();
    this.#sources.stderr.end();
    this.#sources.log.end();
  }
}
