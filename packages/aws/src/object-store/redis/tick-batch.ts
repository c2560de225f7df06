interface Waiting<Item, Result> {
  readonly item: Item;
  readonly resolve: (result: Result | PromiseLike<Result>) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Puts together what is asked for in the same turn of the event loop. The package spends as much on a
 * command as Redis does, so that one command for many objects is much cheaper than one for each.
 */
export class TickBatch<Item, Result> {
  readonly #run: (items: readonly Item[]) => Promise<readonly (Result | PromiseLike<Result>)[]>;
  readonly #itemsMax: number;
  readonly #explain: (failure: unknown) => Error;
  #waiting: Waiting<Item, Result>[] = [];

  /**
   * @param run gives a result for each item; when it fails, all have failed
   * @param explain makes an error of that, for each item anew: its call adds to it
   */
  constructor(
    itemsMax: number,
    explain: (failure: unknown) => Error,
    run: (items: readonly Item[]) => Promise<readonly (Result | PromiseLike<Result>)[]>,
  ) {
    this.#itemsMax = itemsMax;
    this.#explain = explain;
    this.#run = run;
  }

  /** The result of one item. */
  add(item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      if (this.#waiting.length === 0) process.nextTick(() => this.#flush());
      this.#waiting.push({ item, resolve, reject });
    });
  }

  #flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (let i = 0; i < waiting.length; i += this.#itemsMax) {
      void this.#settle(waiting.slice(i, i + this.#itemsMax));
    }
  }

  async #settle(waiting: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.#run(waiting.map(({ item }) => item));
      for (let i = 0; i < waiting.length; i++) {
        waiting[i]?.resolve(results[i] as Result | PromiseLike<Result>);
      }
    } catch (error) {
      for (const { reject } of waiting) reject(this.#explain(error));
    }
  }
}
