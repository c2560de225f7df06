import { randomUUID } from "node:crypto";

/** A call between its registration and its end. */
export interface PendingCall {
  /** When to give it up, on the monotonic clock; `Infinity`: never. */
  readonly expiresAtMs: number;
  /** What it holds. */
  readonly byteLength: number;
  /** Its time is over. It is no longer registered. */
  expire(): void;
}

interface Slot<Call> {
  call: Call | undefined;
  /** Of the call in it, so that a late reply to the one before finds nothing. */
  id: string;
}

/** Two deadlines closer together than this share one look at the table, in milliseconds. */
const graceMs = 5;

/**
 * The calls that wait, by correlation id.
 *
 * An id names the slot of its call, so that neither a table of ids nor a timer for each call is needed:
 * with thousands in flight both would cost more than the calls. Ids are unique among all callers of a
 * broker, since some hosts know calls by nothing else (contract §5).
 */
export class PendingCalls<Call extends PendingCall> {
  readonly #prefix = `${randomUUID()}.`;
  readonly #slots: Slot<Call>[] = [];
  readonly #free: number[] = [];
  #count = 0;
  #byteLength = 0;
  #sequence = 0;
  #timer: NodeJS.Timeout | undefined;
  #timerAtMs = Infinity;

  get size(): number {
    return this.#count;
  }

  /** What all calls hold together. */
  get byteLength(): number {
    return this.#byteLength;
  }

  /** Registers a call. @returns its correlation id. */
  add(call: Call): string {
    const index = this.#free.pop() ?? this.#slots.length;
    this.#sequence += 1;
    const id = `${this.#prefix}${index.toString(36)}.${this.#sequence.toString(36)}`;
    const slot = this.#slots[index];
    if (slot === undefined) this.#slots.push({ call, id });
    else {
      slot.call = call;
      slot.id = id;
    }
    this.#count += 1;
    this.#byteLength += call.byteLength;
    if (call.expiresAtMs + graceMs < this.#timerAtMs) this.#arm(call.expiresAtMs);
    return id;
  }

  /** Takes the call of an id out; `undefined` when there is none, any more or ever. */
  take(id: unknown): Call | undefined {
    return this.takeIf(id, always);
  }

  /** The same for a call that `accepts`. */
  takeIf(id: unknown, accepts: (call: Call) => boolean): Call | undefined {
    if (typeof id !== "string" || !id.startsWith(this.#prefix)) return undefined;
    const end = id.indexOf(".", this.#prefix.length);
    const index = Number.parseInt(id.slice(this.#prefix.length, end), 36);
    const slot = this.#slots[index];
    if (slot?.call === undefined || slot.id !== id) return undefined;
    const { call } = slot;
    if (!accepts(call)) return undefined;
    this.#release(index, slot);
    return call;
  }

  /** Takes all calls out. */
  takeAll(): readonly Call[] {
    const calls: Call[] = [];
    for (const [index, slot] of this.#slots.entries()) {
      if (slot.call === undefined) continue;
      calls.push(slot.call);
      this.#release(index, slot);
    }
    return calls;
  }

  /** Stops the clock. */
  close(): void {
    clearTimeout(this.#timer);
    this.#timerAtMs = Infinity;
  }

  #release(index: number, slot: Slot<Call>): void {
    this.#byteLength -= slot.call?.byteLength ?? 0;
    slot.call = undefined;
    this.#free.push(index);
    this.#count -= 1;
  }

  #arm(atMs: number): void {
    if (atMs === Infinity) return;
    clearTimeout(this.#timer);
    this.#timerAtMs = atMs;
    const delayMs = Math.min(Math.max(graceMs, Math.ceil(atMs - performance.now())), 2 ** 31 - 1);
    this.#timer = setTimeout(this.#onTimer, delayMs);
    // What keeps the process is the connection, as long as it is not closed.
    this.#timer.unref();
  }

  readonly #onTimer = (): void => {
    this.#timerAtMs = Infinity;
    const nowMs = performance.now();
    let nextMs = Infinity;
    for (const [index, slot] of this.#slots.entries()) {
      const { call } = slot;
      if (call === undefined) continue;
      if (call.expiresAtMs <= nowMs) {
        this.#release(index, slot);
        call.expire();
      } else if (call.expiresAtMs < nextMs) nextMs = call.expiresAtMs;
    }
    if (nextMs !== Infinity) this.#arm(nextMs);
  };
}

function always(): boolean {
  return true;
}
