/**
 * Parts under way, bounded in number and in the bytes that they hold. The first failure aborts the signal that the others have, and
 * is what `room` and `drained` then reject with.
 */
export class PartQueue {
  readonly #stop = new AbortController();
  readonly #outer: AbortSignal;
  readonly #follow = (): void => this.fail(this.#outer.reason);
  #free: number;
  readonly #heldMax: number;
  #held = 0;
  #running = 0;
  #failure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param size parts at once.
   * @param heldMax bytes that they hold; one part may hold more.
   * @param outer ends all, with its reason as the failure.
   */
  constructor(size: number, heldMax: number, outer: AbortSignal) {
    this.#free = size;
    this.#heldMax = heldMax;
    this.#outer = outer;
    if (outer.aborted) this.#follow();
    else outer.addEventListener("abort", this.#follow, { once: true });
  }

  /** Aborted with the first failure. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Whether something has failed already. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  /**
   * Takes a place, when there is one, for a part that holds so many bytes: for `start`, or to be
   * given back with `leave`. One waits at a time.
   */
  async room(bytes: number): Promise<void> {
    while (this.#failure === undefined && !this.#hasRoom(bytes)) await this.#change();
    this.#check();
    this.#free--;
    this.#held += bytes;
  }

  #hasRoom(bytes: number): boolean {
    return this.#free > 0 && (this.#held === 0 || this.#held + bytes <= this.#heldMax);
  }

  /** Gives a place back. */
  leave(bytes: number): void {
    this.#free++;
    this.#held -= bytes;
    this.#changed();
  }

  /** Begins a part in a place that `room` has given. */
  start(bytes: number, work: (signal: AbortSignal) => Promise<void>): void {
    this.#running++;
    void this.#run(bytes, work);
  }

  async #run(bytes: number, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    try {
      this.#check();
      await work(this.signal);
    } catch (error) {
      this.fail(error);
    }
    this.#running--;
    this.leave(bytes);
  }

  /** Ends what is under way, unless that has begun already. */
  fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#stop.abort(error);
    this.#changed();
  }

  /** Waits until nothing is under way. @throws the first failure. */
  async drained(): Promise<void> {
    await this.ended();
    this.#check();
  }

  /** Waits until nothing is under way, failed or not. */
  async ended(): Promise<void> {
    while (this.#running > 0) await this.#change();
  }

  /** Takes no notice of the outer signal any more. */
  close(): void {
    this.#outer.removeEventListener("abort", this.#follow);
  }

  #check(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #changed(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
