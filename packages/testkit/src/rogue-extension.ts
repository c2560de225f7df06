import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/**
 * One thing that a rogue extension does. Words are split at spaces, so paths have none. The waits end
 * after a minute with exit status 99. In bash: not those marked (*).
 *
 * - `exit N`, `exit SIGKILL`: ends, with a status or by a signal to itself
 * - `hang`: does nothing more
 * - `sleep MS`
 * - `wait FILE`, `touch FILE`: waits until it exists; makes it
 * - `note TEXT`: a step of that name in the journal
 * - `print TEXT`, `complain TEXT`: a line on stdout, stderr
 * - `lines N`: `line 0` … on stdout; `flood BYTES`: without a newline but the last
 * - `init/error TYPE`, `exit/error TYPE`: reports it; the answer is noted
 * - `register`, `register NAME`: once more; noted
 * - `next-as ID`: calls next with this identifier, `nobody`: without one; noted
 * - `double-next` (*): its next call of next is two at once; noted is the answer that comes first
 * - `subscribe`, `subscribe INDEX`: to telemetry, see {@link RogueSubscription}; noted
 * - `daemon FILE` (*): leaves a process behind (setsid, double fork) that writes its pid to FILE
 * - `hold-output` (*): starts a child that keeps stdout and stderr open
 */
export type RogueAction =
  | "hang"
  | "register"
  | "double-next"
  | "subscribe"
  | "hold-output"
  | `${"exit" | "sleep" | "wait" | "touch" | "note" | "print" | "complain"} ${string}`
  | `${"lines" | "flood" | "register" | "next-as" | "subscribe" | "daemon"} ${string}`
  | `${"init/error" | "exit/error"} ${string}`;

/** A call of the Telemetry or Logs API. */
export interface RogueSubscription {
  /** Default `telemetry`. */
  readonly api?: "telemetry" | "logs";
  /** Text is sent as it is; anything else as JSON. `{port}` in it is the port of `listener`. */
  readonly body: unknown;
  /**
   * A listener of its own inside the extension's process (not in bash), opened before the call. What
   * it gets is a step `telemetry` in the journal.
   */
  readonly listener?: RogueListener;
}

export interface RogueListener {
  readonly protocol: "HTTP" | "TCP";
  /** Default: any free one. */
  readonly port?: number;
  /** Status of its answers, default 200. */
  readonly answer?: number;
  /** How long it takes to answer, in milliseconds. Default 0. */
  readonly delayMs?: number;
}

/** How a rogue extension behaves. Without options it is a good one with INVOKE and SHUTDOWN. */
export interface RogueExtensionOptions {
  /** Default `node`. Bash needs curl. */
  readonly language?: "node" | "python" | "bash";
  /** File to which each step is appended: see `ExtensionJournal`. */
  readonly journal?: string;
  /** Whether it also prints each step but the first, as `extension {…}`. Default true. */
  readonly prints?: boolean;
  /** Default: the name of the file. */
  readonly registerAs?: string;
  /** Default INVOKE and SHUTDOWN. */
  readonly events?: readonly string[] | null;
  /** Body of the registration, sent as it is, instead of the one that `events` makes. */
  readonly registerBody?: string;
  /** Before it registers. */
  readonly start?: readonly RogueAction[];
  /** Between registration and the first next. */
  readonly registered?: readonly RogueAction[];
  /** With an event INVOKE in hand. */
  readonly invoke?: readonly RogueAction[];
  /** The first event INVOKE that `invoke` is done for. Default 1. */
  readonly invokeFrom?: number;
  /** With SHUTDOWN in hand; it ends with status 0 afterwards. */
  readonly shutdown?: readonly RogueAction[];
  readonly subscriptions?: readonly RogueSubscription[];
}

/** What the programs get: every option has a value, `journal` may be absent. */
type RogueExtensionConfig = ReturnType<typeof configOf>;

/**
 * Writes an extension that behaves as told: an executable file of this name in the folder, which is
 * made when it does not exist.
 *
 * @returns the path of the file.
 */
export function rogueExtension(
  folder: string,
  name: string,
  options: RogueExtensionOptions = {},
): string {
  const path = join(folder, name);
  const config = configOf(name, options);
  const render = { node: nodeSource, python: pythonSource, bash: bashSource };
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, render[options.language ?? "node"](config));
  chmodSync(path, 0o755);
  return path;
}

function configOf(name: string, options: RogueExtensionOptions) {
  const { events = ["INVOKE", "SHUTDOWN"], subscriptions = [] } = options;
  return {
    name,
    journal: options.journal,
    prints: options.prints ?? true,
    registerAs: options.registerAs ?? name,
    registerBody: options.registerBody ?? JSON.stringify({ events }),
    start: options.start ?? [],
    registered: options.registered ?? [],
    invoke: options.invoke ?? [],
    invokeFrom: options.invokeFrom ?? 1,
    shutdown: options.shutdown ?? [],
    subscriptions: subscriptions.map(({ api = "telemetry", body, listener }) => ({
      api,
      body: typeof body === "string" ? body : JSON.stringify(body),
      listener: listener && { port: 0, answer: 200, delayMs: 0, ...listener },
    })),
  };
}

function fixture(name: string): string {
  return fileURLToPath(new URL(`fixtures/extension/${name}`, import.meta.url));
}

function nodeSource(config: RogueExtensionConfig): string {
  const program = pathToFileURL(fixture("rogue-extension.mjs")).href;
  return `#!${process.execPath}
globalThis.rogueExtension = ${JSON.stringify(config)};
import(${JSON.stringify(program)});
`;
}

function pythonSource(config: RogueExtensionConfig): string {
  return `#!${python()}
import json, runpy
config = json.loads(${JSON.stringify(JSON.stringify(config))})
runpy.run_path(${JSON.stringify(fixture("rogue-extension.py"))}, {"config": config}, "__main__")
`;
}

/** The system's: wrappers of version managers start slowly. */
function python(): string {
  const system = "/usr/bin/python3";
  return existsSync(system) ? system : "/usr/bin/env python3";
}

function bashSource(config: RogueExtensionConfig): string {
  const list = (values: readonly string[]): string => `(${values.map(quoted).join(" ")})`;
  const { name, journal = "", prints, registerAs, registerBody, subscriptions } = config;
  return `#!/usr/bin/env bash
name=${quoted(name)}
journal=${quoted(journal)}
prints=${prints ? "1" : ""}
register_as=${quoted(registerAs)}
register_body=${quoted(registerBody)}
invoke_from=${config.invokeFrom}
start=${list(config.start)}
registered=${list(config.registered)}
invoke=${list(config.invoke)}
shutdown=${list(config.shutdown)}
apis=${list(subscriptions.map(({ api }) => api))}
subscriptions=${list(subscriptions.map(({ body }) => body))}
source ${quoted(fixture("rogue-extension.sh"))}
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
