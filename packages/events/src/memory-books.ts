import type { AcceptedEvent, EventCounts, EventProgress, EventState } from "@lambdad/core";

import { EventHeap, type HeapNode } from "./event-heap.ts";

/** One event in memory. */
export interface MemoryEntry {
  readonly event: AcceptedEvent;
  /** Order of acceptance. */
  readonly sequence: number;
  progress: EventProgress;
  state: EventState;
  /** Its places in the heaps of its function while it is pending. */
  due: HeapNode<MemoryEntry> | undefined;
  expiry: HeapNode<MemoryEntry> | undefined;
}

/** The events of one function, and their books. */
export class MemoryBooks {
  readonly functionName: string;
  readonly #due = new EventHeap<MemoryEntry>();
  readonly #expiry = new EventHeap<MemoryEntry>();
  /** Pending and started ones in order of acceptance. */
  readonly #open = new Set<MemoryEntry>();
  #accepted = 0;
  #succeeded = 0;
  #failed = 0;
  #purged = 0;

  constructor(functionName: string) {
    this.functionName = functionName;
  }

  accept(entry: MemoryEntry): void {
    this.#accepted += 1;
    this.#open.add(entry);
    this.pend(entry, entry.event.acceptedAtMs);
  }

  pend(entry: MemoryEntry, dueAtMs: number): void {
    entry.state = { kind: "pending", dueAtMs };
    entry.due = this.#due.add(dueAtMs, entry.sequence, entry);
    entry.expiry = this.#expiry.add(entry.event.expiresAtMs, entry.sequence, entry);
  }

  /** The pending event that may be taken first; `undefined` when none may at this time. */
  first(nowMs: number, expiredOnly: boolean): MemoryEntry | undefined {
    const at = this.nextDue(expiredOnly);
    if (at === undefined || at > nowMs) return undefined;
    return (expiredOnly ? this.#expiry : this.#due).first?.value;
  }

  /** When {@link first} has something. An event is past its limit one millisecond after it. */
  nextDue(expiredOnly: boolean): number | undefined {
    if (!expiredOnly) return this.#due.first?.atMs;
    const expiresAtMs = this.#expiry.first?.atMs;
    return expiresAtMs === undefined ? undefined : expiresAtMs + 1;
  }

  start(entry: MemoryEntry): void {
    if (entry.due !== undefined) this.#due.remove(entry.due);
    if (entry.expiry !== undefined) this.#expiry.remove(entry.expiry);
    entry.due = undefined;
    entry.expiry = undefined;
    entry.state = { kind: "started" };
  }

  succeed(entry: MemoryEntry): void {
    this.#open.delete(entry);
    this.#succeeded += 1;
  }

  fail(entry: MemoryEntry): void {
    this.#open.delete(entry);
    this.#failed += 1;
  }

  purge(): void {
    this.#failed -= 1;
    this.#purged += 1;
  }

  get counts(): EventCounts {
    const [oldest] = this.#open;
    return {
      functionName: this.functionName,
      accepted: this.#accepted,
      pending: this.#due.size,
      started: this.#open.size - this.#due.size,
      succeeded: this.#succeeded,
      failed: this.#failed,
      purged: this.#purged,
      oldestAcceptedAtMs: oldest?.event.acceptedAtMs,
    };
  }
}
