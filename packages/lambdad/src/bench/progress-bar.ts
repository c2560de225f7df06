import type { TerminalOutput } from "../cli/command-io.ts";

/** How far a bench has come. */
export interface Progress {
  /** 0..1. */
  readonly share: number;
  readonly calls: number;
  readonly failures: number;
  readonly elapsedMs: number;
}

const redrawMs = 200;

/**
 * A line that is drawn again and again on a terminal, and removed at the end. On anything else than a
 * terminal nothing is written.
 */
export class ProgressBar {
  readonly #output: TerminalOutput;
  readonly #progress: () => Progress;
  #timer: NodeJS.Timeout | undefined;

  constructor(output: TerminalOutput, progress: () => Progress) {
    this.#output = output;
    this.#progress = progress;
  }

  start(): void {
    if (this.#output.isTTY !== true || this.#timer !== undefined) return;
    this.#draw();
    this.#timer = setInterval(() => this.#draw(), redrawMs);
    this.#timer.unref();
  }

  /** Removes the line. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#output.write("\r\u001b[K");
  }

  #draw(): void {
    // A terminal that is stopped must not make us hold what it does not read.
    if (this.#output.writableNeedDrain) return;
    const columns = this.#output.columns ?? 80;
    this.#output.write(`\r${renderProgress(this.#progress(), columns)}\u001b[K`);
  }
}

/** One line that fits into so many columns. Pure. */
export function renderProgress(progress: Progress, columns: number): string {
  const share = Math.min(1, Math.max(0, progress.share));
  const seconds = progress.elapsedMs / 1000;
  const rate = seconds > 0 ? Math.round(progress.calls / seconds) : 0;
  const percent = `${Math.floor(100 * share)}%`.padStart(4);
  const failures = progress.failures > 0 ? `, ${progress.failures} failed` : "";
  const text = `${percent} ${progress.calls} calls, ${rate}/s${failures}`;
  const width = Math.min(40, columns - text.length - 4);
  if (width < 5) return text.slice(0, Math.max(0, columns - 1));
  const filled = Math.round(share * width);
  return `[${"=".repeat(filled)}${" ".repeat(width - filled)}]${text}`;
}
