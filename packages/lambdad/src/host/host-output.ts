import type { LogConfiguration } from "../configuration/daemon-configuration.ts";
import { HostLog } from "./host-log.ts";
import { LineWriter } from "./line-writer.ts";
import { isSameFile } from "./output-sink.ts";

/** How long a slow reader may take to read the last lines, in milliseconds. */
const lastLinesMs = 1_000;

/** What a process writes: the output of its functions, and its own log. */
export class HostOutput {
  /** The functions' output. */
  readonly stdout: LineWriter = new LineWriter(1);
  /**
   * START, END, REPORT, and the host's log: a function cannot write here (RT-21). One writer for both
   * where both end up in the same place, so that the order of lines there is that of what happened.
   */
  readonly stderr: LineWriter = isSameFile(1, 2) ? this.stdout : new LineWriter(2);
  readonly log: HostLog;

  constructor(configuration: LogConfiguration) {
    this.log = new HostLog(configuration, this.stderr);
  }

  /** Lines that were dropped: their reader was too slow, or has gone. */
  get linesDropped(): number {
    const writers = new Set([this.stdout, this.stderr]);
    return [...writers].reduce((sum, { droppedLines }) => sum + droppedLines, 0);
  }

  /** For a failure that nothing caught: logs it with what was running. */
  crashed(error: unknown, running: readonly string[]): void {
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
    const requestIds = running.join(",");
    this.log.write("error", "crash", "Unexpected error: stopping", { stack, requestIds });
  }

  /** Waits until the last lines have been read, for a while. */
  async end(): Promise<void> {
    // Not yet open when the host ends before it has fully started.
    await this.log.open();
    await Promise.all([this.stdout.idle(lastLinesMs), this.stderr.idle(lastLinesMs)]);
  }
}
