import type { MemoryObject, MemoryStorageOptions } from "./memory-storage.ts";

/** What a store in memory may keep: takes out what is too old, and what is too much. */
export class RetainedObjects {
  readonly #ttlMs: number | undefined;
  readonly #maxBytes: number | undefined;
  /** The oldest first; all live equally long. */
  readonly #ages = new Map<MemoryObject, number>();
  /** The least recently used first. */
  readonly #uses = new Set<MemoryObject>();
  #bytes = 0;

  constructor({ ttlMs, maxBytes }: MemoryStorageOptions) {
    this.#ttlMs = ttlMs;
    this.#maxBytes = maxBytes;
  }

  /** An object is there; others may have to go for it, the object itself if it is larger than all may be. */
  add(object: MemoryObject): void {
    if (this.#ttlMs !== undefined) this.#ages.set(object, Date.now() + this.#ttlMs);
    if (this.#maxBytes === undefined) return;
    this.#uses.add(object);
    this.#bytes += object.bytes.length;
    for (const oldest of this.#uses) {
      if (this.#bytes <= this.#maxBytes) break;
      this.drop(oldest);
    }
  }

  /** Somebody has read it. */
  used(object: MemoryObject): void {
    if (this.#maxBytes === undefined) return;
    this.#uses.delete(object);
    this.#uses.add(object);
  }

  /** Another has taken its place. */
  forget(object: MemoryObject): void {
    this.#ages.delete(object);
    if (this.#uses.delete(object)) this.#bytes -= object.bytes.length;
  }

  /** Takes an object out of its bucket. */
  drop(object: MemoryObject): void {
    this.forget(object);
    object.bucket.objects.delete(object.key);
    object.bucket.keys.delete(object.key);
  }

  /** Takes out those whose time has come. */
  expire(): void {
    if (this.#ttlMs === undefined) return;
    const now = Date.now();
    for (const [object, end] of this.#ages) {
      if (end > now) return;
      this.drop(object);
    }
  }
}
