import type { ChildProcess } from "node:child_process";
import { once } from "node:events";

/** How a process ended, and what it wrote. */
export interface ProcessOutput {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a process has written so far, and its end. */
export interface CollectedOutput {
  readonly stdout: string;
  readonly stderr: string;
  /** Resolves when the process has ended and its output is read; rejects when it cannot be started. */
  readonly end: Promise<ProcessOutput>;
}

/** Kept of each stream, in characters: its end. */
const keptCharacters = 1024 * 1024;

/** Reads stdout and stderr of a child that was spawned with pipes. Call it right after `spawn`. */
export function collectOutput(child: ChildProcess): CollectedOutput {
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] = (texts[name] + text).slice(-keptCharacters);
    });
  }
  const end = once(child, "close").then(() => ({
    code: child.exitCode,
    signal: child.signalCode,
    ...texts,
  }));
  // A caller that only looks at the texts must not be told of a failed start as an unhandled rejection.
  end.catch(() => {});
  return {
    get stdout() {
      return texts.stdout;
    },
    get stderr() {
      return texts.stderr;
    },
    end,
  };
}
