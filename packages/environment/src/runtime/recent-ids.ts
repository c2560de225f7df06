/** Remembers the last ids that were added, at most `countMax`: the oldest is forgotten first. */
export class RecentIds {
  readonly #countMax: number;
  readonly #ids = new Set<string>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  add(id: string): void {
    this.#ids.add(id);
    if (this.#ids.size <= this.#countMax) return;
    const [oldest] = this.#ids;
    if (oldest !== undefined) this.#ids.delete(oldest);
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }
}
