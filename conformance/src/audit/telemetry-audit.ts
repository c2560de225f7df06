import { functionOutputs, parseNumberedLine } from "./numbered-line.ts";

/** An event of the Telemetry API, as far as it is looked at. */
export interface TelemetryEvent {
  readonly type: string;
  readonly record: unknown;
}

/** What a subscriber got, held against what it should have got. */
export interface AuditVerdict {
  /** Events INVOKE that the extension got. */
  readonly invocations: number;
  /** Records that arrived, by stream; those that tell of a loss are not among them. */
  readonly delivered: Readonly<Record<"platform" | "function" | "extension", number>>;
  /** Records that were written and did not arrive. */
  readonly missing: number;
  /** What the events `platform.logsDropped` say. */
  readonly dropped: { readonly events: number; readonly records: number; readonly bytes: number };
  /** What must never happen; empty when all went well. The first 20 are kept. */
  readonly problems: readonly string[];
}

const problemsMax = 20;

/** Once for each environment with one extension, in this order. */
const initTypes = [
  "platform.initStart",
  "platform.telemetrySubscription",
  "platform.initRuntimeDone",
  "platform.extension",
  "platform.initReport",
];

/** Once for each invocation, in this order; lines of the function come between the first two. */
const phases: Readonly<Record<string, number>> = {
  "platform.start": 0,
  "platform.runtimeDone": 2,
  "platform.report": 3,
};
const linePhase = 1;
const recordsPerInvocation = Object.keys(phases).length;

/**
 * Checks what one subscriber gets in one environment. Records may be missing, and then the platform
 * must have told of as many; nothing may come twice, in another order, cut, or of an invocation that
 * the extension was not told of. Pure.
 */
export class TelemetryAudit {
  readonly #invoked: string[] = [];
  /** Request ids in the order in which telemetry told of them first. */
  readonly #seen = new Set<string>();
  readonly #nextNumbers = new Map<string, number>();
  readonly #delivered = { platform: 0, function: 0, extension: 0 };
  readonly #dropped = { events: 0, records: 0, bytes: 0 };
  readonly #problems: string[] = [];
  #nextInit = 0;
  #current = { requestId: "", phase: 0 };
  #linesWritten = 0;
  #extensionLines = 0;

  /** An event INVOKE arrived; `lines`: how many the function writes to each of its outputs. */
  invoked(requestId: string, lines: number): void {
    this.#invoked.push(requestId);
    this.#linesWritten += lines * functionOutputs.length;
  }

  /** The extension wrote a numbered line itself. @returns its number. */
  extensionLine(): number {
    this.#extensionLines += 1;
    return this.#extensionLines - 1;
  }

  /** A batch arrived. */
  take(events: readonly TelemetryEvent[]): void {
    for (const { type, record } of events) this.#take(type, record);
  }

  #take(type: string, record: unknown): void {
    if (type === "function" || type === "extension") {
      this.#delivered[type] += 1;
      this.#line(type, record);
      return;
    }
    if (type === "platform.logsDropped") {
      this.#logsDropped(record);
      return;
    }
    this.#delivered.platform += 1;
    const phase = phases[type];
    if (phase === undefined) this.#init(type);
    else this.#move(member(record, "requestId"), phase, type);
  }

  #init(type: string): void {
    const index = initTypes.indexOf(type);
    if (index < this.#nextInit) this.#problem(`'${type}' is unknown, doubled or late`);
    if (this.#seen.size > 0) this.#problem(`'${type}' came after the first invocation`);
    this.#nextInit = index + 1;
  }

  #line(type: "function" | "extension", record: unknown): void {
    const line = typeof record === "string" ? parseNumberedLine(record) : undefined;
    if (line === undefined) {
      this.#problem(`Not a whole line: ${JSON.stringify(record)?.slice(0, 200)}`);
      return;
    }
    const { output, number, requestId } = line;
    if ((type === "extension") !== (output === "ext")) {
      this.#problem(`A line of '${output}' came as '${type}'`);
    }
    const expected = this.#nextNumbers.get(output) ?? 0;
    if (number < expected) {
      this.#problem(`Line ${number} of '${output}' came twice, or after line ${expected - 1}`);
    }
    this.#nextNumbers.set(output, number + 1);
    if (type === "function") this.#move(requestId, linePhase, "a line");
  }

  /** The invocations come one after another, and in each the phases. */
  #move(requestId: string, phase: number, what: string): void {
    if (requestId === this.#current.requestId) {
      const isBack = phase < this.#current.phase;
      const isDouble = phase === this.#current.phase && phase !== linePhase;
      if (isBack || isDouble) this.#problem(`${requestId}: ${what} is doubled or late`);
    } else if (this.#seen.has(requestId)) {
      this.#problem(`${requestId}: ${what} came after the start of ${this.#current.requestId}`);
      return;
    }
    this.#seen.add(requestId);
    this.#current = { requestId, phase };
  }

  #logsDropped(record: unknown): void {
    const { droppedRecords, droppedBytes } = (record ?? {}) as Record<string, unknown>;
    if (!isCount(droppedRecords) || !isCount(droppedBytes)) {
      this.#problem(`platform.logsDropped says ${JSON.stringify(record)}`);
      return;
    }
    this.#dropped.events += 1;
    this.#dropped.records += droppedRecords;
    this.#dropped.bytes += droppedBytes;
  }

  /** Whether all that was written has arrived, or the platform has told that it will not. */
  get isSettled(): boolean {
    return this.#missing === this.#dropped.records;
  }

  get #missing(): number {
    const platform = initTypes.length + recordsPerInvocation * this.#invoked.length;
    const written = platform + this.#linesWritten + this.#extensionLines;
    return written - Object.values(this.#delivered).reduce((sum, count) => sum + count, 0);
  }

  verdict(): AuditVerdict {
    const missing = this.#missing;
    const { records } = this.#dropped;
    const problems = [...this.#problems, ...this.#strangers()];
    if (missing !== records) {
      problems.push(`${missing} records are missing, and platform.logsDropped tells of ${records}`);
    }
    return {
      invocations: this.#invoked.length,
      delivered: { ...this.#delivered },
      missing,
      dropped: { ...this.#dropped },
      problems: problems.slice(0, problemsMax),
    };
  }

  /** Telemetry tells of the invocations that the extension was told of, in the same order. */
  #strangers(): string[] {
    let next = 0;
    for (const requestId of this.#seen) {
      next = this.#invoked.indexOf(requestId, next) + 1;
      if (next === 0) return [`${requestId} has records, and no event INVOKE in its place`];
    }
    return [];
  }

  #problem(text: string): void {
    if (this.#problems.length < problemsMax) this.#problems.push(text);
  }
}

function member(record: unknown, name: string): string {
  const value = (record as Record<string, unknown> | null)?.[name];
  return typeof value === "string" ? value : "";
}

function isCount(value: unknown): value is number {
  return typeof value === "number" && Number.isInteger(value) && value > 0;
}
