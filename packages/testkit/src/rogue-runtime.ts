import { fileURLToPath } from "node:url";

/** Every way in which the rogue runtime misbehaves; `fixtures/rogue/*.mjs` say what each does. */
export type RogueMode =
  // The process: starts, hangs and ends (fixtures/rogue/life-modes.mjs).
  | "echo"
  | "init-slow"
  | "init-exit"
  | "init-exit-times"
  | "init-hang"
  | "init-hang-times"
  | "init-error"
  | "init-error-times"
  | "exit"
  | "exit-after"
  | "hang"
  | "hang-hard"
  | "hang-on-demand"
  | "sigterm"
  | "daemon"
  | "hold-output"
  | "restore"
  | "no-keep-alive"
  | "workers"
  // Answers (fixtures/rogue/answer-modes.mjs).
  | "fail"
  | "fail-cause"
  | "answer-twice"
  | "wrong-id"
  | "empty-id"
  | "stale-id"
  | "late"
  | "repeat-next"
  | "init-error-late"
  | "truncated-length"
  | "truncated-chunk"
  | "slow-body"
  | "oversize-length"
  | "oversize-chunked"
  | "oversize-declared"
  | "bad-mode"
  | "garbage"
  | "half-heads"
  | "no-next"
  // Output (fixtures/rogue/output-modes.mjs).
  | "flood"
  | "init-flood"
  | "lines"
  | "binary-output"
  | "close-output"
  // Streams, and the function of the contract suite (fixtures/rogue/stream-modes.mjs).
  | "stream"
  | "stream-error"
  | "stream-bad-trailers"
  | "stream-exit"
  | "stream-hang"
  | "stream-cut"
  | "stream-then-error"
  | "prelude"
  | "contract";

const file = fileURLToPath(new URL("fixtures/rogue-runtime.mjs", import.meta.url));

/**
 * The command of a runtime that misbehaves as told: `rogueRuntime("exit", "7")`.
 *
 * It needs `AWS_LAMBDA_RUNTIME_API` in its environment and nothing else. Modes that live on answer the
 * event `{"report":true}` properly, with what the host answered to their misbehaviour:
 * {@link RogueReport}; they also print each such answer as a line `rogue {…}`. None hangs for longer
 * than a minute.
 */
export function rogueRuntime(mode: RogueMode, ...args: readonly string[]): readonly string[] {
  return [process.execPath, file, mode, ...args];
}

/** What the rogue runtime answers to the event `{"report":true}`. */
export interface RogueReport {
  readonly pid: number;
  /** Invocations that this process got, this one included; repeated `next` not counted. */
  readonly invocations: number;
  /** Answers of the host to its misbehaviour since the last report. */
  readonly seen: readonly RogueEntry[];
  /** Headers of the `next` that brought this event, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly environment: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Mode and its arguments. */
  readonly argv: readonly string[];
}

/** One step of misbehaviour and its answer: status and body, or the first line when it was sent raw. */
export interface RogueEntry {
  readonly step: string;
  readonly status?: number;
  readonly body?: string;
  /** `HTTP/1.1 400 Bad Request`; empty when the host closed without an answer. */
  readonly line?: string;
}

/** The file of the suite's function for Node runtimes: exports `handler` and `streamHandler`. */
export const contractFunctionFile: string = fileURLToPath(
  new URL("fixtures/contract-function.mjs", import.meta.url),
);
