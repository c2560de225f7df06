import { readFileSync } from "node:fs";

import { waitFor } from "./wait-for.ts";

/** One step of a rogue or internal extension. Which members there are depends on the step. */
export interface JournalEntry {
  /** The extension's name. */
  readonly name: string;
  readonly pid: number;
  /** Since the epoch. */
  readonly timeMs: number;
  /**
   * `start`, `register`, `subscribe`, `event`, `telemetry`, `init/error`, `exit/error`, `next-as`,
   * `double-next`, `next refused`, `signal`, `failed`, or what an action `note` says.
   */
  readonly step: string;
  /** The host's answer. */
  readonly status?: number;
  readonly body?: string;
  /** Of a registration: the identifier. */
  readonly id?: string;
  /** Of an event: its body, and `Lambda-Extension-Event-Identifier`, empty when there is none. */
  readonly event?: ExtensionEventBody;
  readonly eventId?: string;
  /** Of the start. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly args?: readonly string[];
  readonly signal?: string;
  /** Of telemetry: one batch over HTTP, what came at once over TCP. */
  readonly records?: readonly JournalRecord[];
  readonly path?: string;
  readonly message?: string;
}

/** The body of INVOKE or SHUTDOWN. */
export interface ExtensionEventBody {
  readonly eventType: string;
  readonly deadlineMs: number;
  readonly requestId?: string;
  readonly invokedFunctionArn?: string;
  readonly tracing?: { readonly type: string; readonly value: string };
  readonly shutdownReason?: string;
}

export interface JournalRecord {
  readonly time: string;
  readonly type: string;
  readonly record: unknown;
}

/** The file in which all extensions of a test note what they do, in the order in which they do it. */
export class ExtensionJournal {
  readonly file: string;

  /** The file need not exist yet. */
  constructor(file: string) {
    this.file = file;
  }

  /** All steps so far; of one extension when a name is given. */
  entries(name?: string): readonly JournalEntry[] {
    const entries = lines(this.file).map((line) => JSON.parse(line) as JournalEntry);
    return name === undefined ? entries : entries.filter((entry) => entry.name === name);
  }

  /** All entries of one step. */
  of(step: string, name?: string): readonly JournalEntry[] {
    return this.entries(name).filter((entry) => entry.step === step);
  }

  /** Types of the events that an extension got, in their order. */
  events(name?: string): readonly string[] {
    return this.of("event", name).map(({ event }) => event?.eventType ?? "");
  }

  /** Each step as `name step` or `name EVENT`: what to compare when only the order counts. */
  get order(): readonly string[] {
    return this.entries().map(({ name, step, event, signal }) => {
      return `${name} ${event?.eventType ?? signal ?? step}`;
    });
  }

  /** Waits for `count` entries of a step, and gives them. */
  waitFor(step: string, options: JournalWaitOptions = {}): Promise<readonly JournalEntry[]> {
    const { name, count = 1 } = options;
    const found = (): readonly JournalEntry[] | false => {
      const entries = this.of(step, name);
      return entries.length >= count && entries;
    };
    return waitFor(found, { what: `${count} × ${name ?? "any"} ${step}` }) as Promise<
      readonly JournalEntry[]
    >;
  }
}

export interface JournalWaitOptions {
  readonly name?: string;
  /** Default 1. */
  readonly count?: number;
}

function lines(file: string): readonly string[] {
  try {
    // What follows the last newline is a line that is being written.
    return readFileSync(file, "utf8").split("\n").slice(0, -1);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
