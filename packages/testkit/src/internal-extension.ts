import type { RogueSubscription } from "./rogue-extension.ts";

/** An extension inside the process of a Node runtime. */
export interface InternalExtensionOptions {
  /** What it registers as. Default `internal`. */
  readonly name?: string;
  /** File to which each step is appended: see `ExtensionJournal`. */
  readonly journal?: string;
  /** Default INVOKE: internal extensions may have nothing else. */
  readonly events?: readonly string[] | null;
  /**
   * When it registers: `start`, before the runtime's program runs (default); `late`, when the runtime
   * has got its first invocation; `never`: then it only notes the process's start and SIGTERM.
   */
  readonly registers?: "start" | "late" | "never";
  /** Whether it calls next, again and again. Default true. */
  readonly loops?: boolean;
  /** What the process does on SIGTERM. Default `exit`: notes it, and ends with status 0. */
  readonly onSigterm?: "exit" | "ignore" | "default";
  /** Made between registration and the first next; their listeners are elsewhere. */
  readonly subscriptions?: readonly RogueSubscription[];
}

/**
 * A Node command with an internal extension loaded into its process before its program:
 * `withInternalExtension(rogueRuntime("echo"))`.
 */
export function withInternalExtension(
  command: readonly string[],
  options: InternalExtensionOptions = {},
): readonly string[] {
  const { events = ["INVOKE"], subscriptions = [] } = options;
  const config = {
    name: options.name ?? "internal",
    journal: options.journal,
    registerBody: JSON.stringify({ events }),
    registers: options.registers ?? "start",
    loops: options.loops ?? true,
    onSigterm: options.onSigterm ?? "exit",
    subscriptions: subscriptions.map(({ api = "telemetry", body }) => ({
      api,
      body: typeof body === "string" ? body : JSON.stringify(body),
    })),
  };
  const url = new URL("fixtures/extension/internal-extension.mjs", import.meta.url);
  url.search = encodeURIComponent(JSON.stringify(config));
  const [node = process.execPath, ...args] = command;
  return [node, `--import=${url.href}`, ...args];
}
