import {
  type AcceptedEvent,
  type Claim,
  type ClaimRequest,
  type EventCounts,
  type EventPage,
  type EventQuery,
  type EventStore,
  type Failing,
  HostError,
  type NextDue,
  type Payload,
  payloadFromChunks,
  type PurgeSelection,
  type Scheduling,
  type StoredEvent,
} from "@lambdad/core";

import { eventLimits } from "./event-limits.ts";
import { noProgress } from "./event-transition.ts";
import { MemoryBooks, type MemoryEntry } from "./memory-books.ts";

export interface MemoryEventStoreOptions {
  /** Events that wait or run; more are throttled. Default 1000000. */
  readonly pendingEventsMax?: number;
  /** Their bytes, 1 KiB more counted for each. Default 10 GiB. */
  readonly pendingBytesMax?: number;
  /** Events on the failed shelf; the oldest failure is purged for a new one. Default 100000. */
  readonly shelfEventsMax?: number;
  /** Their bytes, with those of their errors, 1 KiB more counted for each. Default 1 GiB. */
  readonly shelfBytesMax?: number;
}

/** Counted for what an event takes besides its payload. */
const entryBytes = 1024;

/** Keeps events in this process: they are lost when it ends. */
export class MemoryEventStore implements EventStore {
  readonly #limits: Required<MemoryEventStoreOptions>;
  /** All events there are, in order of acceptance. */
  readonly #entries = new Map<string, MemoryEntry>();
  readonly #books = new Map<string, MemoryBooks>();
  /** Failed ones, oldest failure first. */
  readonly #shelf = new Set<MemoryEntry>();
  #shelfBytes = 0;
  #pendingBytes = 0;
  #pendingEvents = 0;
  #sequence = 0;

  constructor(options: MemoryEventStoreOptions = {}) {
    const { pendingEventsMax, pendingBytesMax, shelfEventsMax, shelfBytesMax } = eventLimits;
    this.#limits = { pendingEventsMax, pendingBytesMax, shelfEventsMax, shelfBytesMax, ...options };
  }

  append(events: readonly AcceptedEvent[]): Promise<void> {
    const added = events.filter(({ id }) => !this.#entries.has(id));
    let bytes = this.#pendingBytes;
    for (const { payload } of added) bytes += pendingBytesOf(payload);
    const count = this.#pendingEvents + added.length;
    if (count > this.#limits.pendingEventsMax || bytes > this.#limits.pendingBytesMax) {
      return Promise.reject(
        new HostError("TooManyRequestsException", "Rate Exceeded.", {
          reason: "ConcurrentInvocationLimitExceeded",
        }),
      );
    }
    for (const event of added) this.#add(event);
    return Promise.resolve();
  }

  #add(event: AcceptedEvent): void {
    if (this.#entries.has(event.id)) return;
    const entry: MemoryEntry = {
      event: { ...event, payload: copyOf(event.payload) },
      sequence: this.#sequence,
      progress: noProgress,
      state: { kind: "pending", dueAtMs: event.acceptedAtMs },
      due: undefined,
      expiry: undefined,
    };
    this.#sequence += 1;
    this.#entries.set(event.id, entry);
    this.#pendingEvents += 1;
    this.#pendingBytes += pendingBytesOf(event.payload);
    this.#booksOf(event.functionName).accept(entry);
  }

  claim({ nowMs, wants }: ClaimRequest): Promise<Claim> {
    const events: StoredEvent[] = [];
    const nextDue: NextDue[] = [];
    for (const { functionName, count, expiredOnly } of wants) {
      const books = this.#books.get(functionName);
      for (let claimed = 0; claimed < count; claimed += 1) {
        const entry = books?.first(nowMs, expiredOnly);
        if (books === undefined || entry === undefined) break;
        books.start(entry);
        events.push(storedEvent(entry));
      }
      nextDue.push({ functionName, dueAtMs: books?.nextDue(expiredOnly) });
    }
    return Promise.resolve({ events, nextDue });
  }

  complete(ids: readonly string[]): Promise<void> {
    for (const id of ids) {
      const entry = this.#started(id);
      if (entry === undefined) continue;
      this.#booksOf(entry.event.functionName).succeed(entry);
      this.#entries.delete(id);
      this.#leavePending(entry);
    }
    return Promise.resolve();
  }

  schedule(schedulings: readonly Scheduling[]): Promise<void> {
    for (const { id, dueAtMs, progress } of schedulings) {
      const entry = this.#started(id);
      if (entry === undefined) continue;
      entry.progress = progress;
      this.#booksOf(entry.event.functionName).pend(entry, dueAtMs);
    }
    return Promise.resolve();
  }

  fail(failings: readonly Failing[]): Promise<number> {
    for (const { id, condition, failedAtMs, progress } of failings) {
      const entry = this.#started(id);
      if (entry === undefined) continue;
      entry.progress = progress;
      entry.state = { kind: "failed", condition, failedAtMs };
      this.#booksOf(entry.event.functionName).fail(entry);
      this.#leavePending(entry);
      this.#shelf.add(entry);
      this.#shelfBytes += shelfBytesOf(entry);
    }
    let purged = 0;
    for (const entry of this.#shelf) {
      const { shelfEventsMax, shelfBytesMax } = this.#limits;
      if (this.#shelf.size <= shelfEventsMax && this.#shelfBytes <= shelfBytesMax) break;
      this.#takeOff(entry);
      purged += 1;
    }
    return Promise.resolve(purged);
  }

  purge(selection: PurgeSelection): Promise<number> {
    const purged =
      "ids" in selection
        ? selection.ids.map((id) => this.#entries.get(id))
        : Array.from(this.#shelf).filter(
            ({ event, state }) =>
              state.kind === "failed" &&
              state.failedAtMs < selection.failedBeforeMs &&
              (selection.functionName ?? event.functionName) === event.functionName,
          );
    let count = 0;
    for (const entry of purged) {
      if (entry === undefined || !this.#shelf.has(entry)) continue;
      this.#takeOff(entry);
      count += 1;
    }
    return Promise.resolve(count);
  }

  list(query: EventQuery): Promise<EventPage> {
    const after = query.cursor === undefined ? -1 : Number(query.cursor);
    const ids = query.ids === undefined ? undefined : new Set(query.ids);
    const events: StoredEvent[] = [];
    let last: number | undefined;
    for (const entry of this.#entries.values()) {
      const { event, state, sequence } = entry;
      if (sequence <= after || state.kind !== query.state) continue;
      if ((query.functionName ?? event.functionName) !== event.functionName) continue;
      if (ids?.has(event.id) === false) continue;
      if (events.length === query.count) {
        return Promise.resolve({ events, cursor: String(last) });
      }
      events.push(storedEvent(entry));
      last = sequence;
    }
    return Promise.resolve({ events, cursor: undefined });
  }

  counts(): Promise<readonly EventCounts[]> {
    return Promise.resolve(Array.from(this.#books.values(), (books) => books.counts));
  }

  #booksOf(functionName: string): MemoryBooks {
    let books = this.#books.get(functionName);
    if (books === undefined) {
      books = new MemoryBooks(functionName);
      this.#books.set(functionName, books);
    }
    return books;
  }

  #started(id: string): MemoryEntry | undefined {
    const entry = this.#entries.get(id);
    return entry?.state.kind === "started" ? entry : undefined;
  }

  #leavePending({ event }: MemoryEntry): void {
    this.#pendingEvents -= 1;
    this.#pendingBytes -= pendingBytesOf(event.payload);
  }

  #takeOff(entry: MemoryEntry): void {
    this.#shelf.delete(entry);
    this.#shelfBytes -= shelfBytesOf(entry);
    this.#entries.delete(entry.event.id);
    this.#booksOf(entry.event.functionName).purge();
  }
}

function storedEvent({ event, progress, state }: MemoryEntry): StoredEvent {
  return { ...event, progress, state };
}

function pendingBytesOf(payload: Payload): number {
  return entryBytes + payload.byteLength;
}

function shelfBytesOf({ event, progress }: MemoryEntry): number {
  return pendingBytesOf(event.payload) + (progress.lastError?.payload?.byteLength ?? 0);
}

/** A small event may be a view of a large buffer of its socket, which would be kept with it. */
function copyOf(payload: Payload): Payload {
  const bytes = new Uint8Array(payload.byteLength);
  let offset = 0;
  for (const chunk of payload.chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return payloadFromChunks(bytes.byteLength === 0 ? [] : [bytes]);
}
