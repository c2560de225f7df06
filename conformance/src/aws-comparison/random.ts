/** Numbers that are the same in every run: a comparison that fails must fail again. */
export class Random {
  #state: number;

  constructor(seed: string) {
    let state = 2_166_136_261;
    for (let at = 0; at < seed.length; at += 1) {
      state = Math.imul(state ^ seed.charCodeAt(at), 16_777_619);
    }
    this.#state = state >>> 0;
  }

  /** From 0 up to, and without, the bound. */
  below(bound: number): number {
    // xorshift32
    let state = this.#state === 0 ? 1 : this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state >>> 0;
    return this.#state % bound;
  }

  pick<Item>(items: readonly Item[]): Item {
    const item = items[this.below(items.length)];
    if (item === undefined) throw new RangeError("Cannot pick: there is nothing to pick from");
    return item;
  }
}
