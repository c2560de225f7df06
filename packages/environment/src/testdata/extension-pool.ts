import { mkdtemp, rm } from "node:fs/promises";
import { writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import {
  ExtensionJournal,
  type InternalExtensionOptions,
  type JournalEntry,
  rogueExtension,
  type RogueExtensionOptions,
  rogueRuntime,
  type RogueSubscription,
  TelemetrySink,
  withInternalExtension,
} from "@lambdad/testkit";
import { openPool, type PoolFixture, type PoolFixtureOptions } from "./pool-fixture.ts";

export interface ExtensionFixtureOptions extends Omit<PoolFixtureOptions, "extensionsDir"> {
  /** A Node command. Default: the rogue runtime in the mode `echo`. */
  readonly runtime?: readonly string[];
  /** Inside the runtime. Default: none, but the start and SIGTERM of `runtime` are in the journal. */
  readonly internal?: InternalExtensionOptions;
}

/** A pool whose environments have extensions, and what all of them did. */
export interface ExtensionFixture extends PoolFixture {
  readonly journal: ExtensionJournal;
  /** The folder with their files. */
  readonly extensionsDir: string;
  /** Opens a gate: an extension waits for it with the action `gates.wait("name")`. */
  readonly open: (gate: string) => void;
}

/** Options of an extension, or how to make them in the folder of the test. */
export type ExtensionSpec = RogueExtensionOptions | ((gates: Gates) => RogueExtensionOptions);

/** Files that extensions wait for, or that tell how far they are. */
export interface Gates {
  readonly wait: (gate: string) => `wait ${string}`;
  readonly file: (name: string) => string;
}

/** The languages in which extensions are tried. */
export const languages = ["node", "python", "bash"] as const;

/** Starts a pool with these external extensions; all of it ends with the test. */
export async function startExtensions(
  t: TestContext,
  extensions: Readonly<Record<string, ExtensionSpec>>,
  options: ExtensionFixtureOptions = {},
): Promise<ExtensionFixture> {
  const folder = await mkdtemp(join(tmpdir(), "lambdad-"));
  const extensionsDir = join(folder, "extensions");
  const journal = new ExtensionJournal(join(folder, "journal"));
  const file = (name: string): string => join(folder, name);
  const gates: Gates = { file, wait: (gate) => `wait ${file(gate)}` };
  for (const [name, spec] of Object.entries(extensions)) {
    const extension = typeof spec === "function" ? spec(gates) : spec;
    rogueExtension(extensionsDir, name, { journal: journal.file, ...extension });
  }
  const { runtime = rogueRuntime("echo"), internal, ...poolOptions } = options;
  const companion = internal ?? { name: "runtime", registers: "never" };
  const command = withInternalExtension(runtime, { journal: journal.file, ...companion });
  const fixture = await openPool(command, { ...poolOptions, extensionsDir }, t.signal);
  t.after(async () => {
    await fixture.pool.stop(0);
    for (const sink of sinks.get(t) ?? []) await sink.stop();
    await rm(folder, { recursive: true, force: true });
  });
  const open = (gate: string): void => writeFileSync(file(gate), "");
  return { ...fixture, journal, extensionsDir, open };
}

/** Whether the process of an entry, or of an id, still exists. */
export function lives(process_: JournalEntry | number | undefined): boolean {
  const pid = typeof process_ === "object" ? process_.pid : process_;
  if (pid === undefined) throw new Error("Cannot look for a process: it has left no entry");
  try {
    return process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ESRCH") return false;
    throw error;
  }
}

/** The sinks of a test. They end after its pool, which would wait for them at its end. */
const sinks = new WeakMap<TestContext, TelemetrySink[]>();

/** A destination of telemetry that ends with the pool of the test. */
export async function startSink(
  t: TestContext,
  protocol: "HTTP" | "TCP" = "HTTP",
): Promise<TelemetrySink> {
  const sink = await new TelemetrySink(protocol).start();
  sinks.set(t, [...(sinks.get(t) ?? []), sink]);
  return sink;
}

/** A subscription to a destination, delivered at once unless the members say otherwise. */
export function subscriptionTo(
  sink: TelemetrySink,
  members: Readonly<Record<string, unknown>> = {},
): RogueSubscription {
  const body = {
    schemaVersion: "2022-12-13",
    types: ["platform", "function", "extension"],
    buffering: { timeoutMs: 25 },
    destination: sink.destination(),
    ...members,
  };
  return { body };
}

/** An extension that subscribes before it is ready. Its own output would come back to it: it has none. */
export function subscriber(
  subscription: RogueSubscription,
  members: RogueExtensionOptions = {},
): RogueExtensionOptions {
  const subscriptions = [subscription];
  return { subscriptions, registered: ["subscribe"], prints: false, ...members };
}
