import type { BodySource } from "./body-source.ts";

/** A function that opens the body; called for each reading. */
export class FunctionSource implements BodySource {
  readonly #make: () => Promise<BodySource>;
  readonly length = undefined;
  readonly replayable = true;
  readonly taken = false;
  /** What its readings have open. */
  readonly #opened = new Set<BodySource>();

  constructor(make: () => Promise<BodySource>) {
    this.#make = make;
  }

  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    const source = await this.#make();
    this.#opened.add(source);
    try {
      yield* source.open();
    } finally {
      this.#opened.delete(source);
      source.discard();
    }
  }

  discard(): void {
    // Each reading discards what it has opened, but not while it waits for the next bytes.
    for (const source of this.#opened) source.discard();
  }
}
