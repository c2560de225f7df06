import type { BodySource } from "./body-source.ts";

/** A function that opens the body; called for each reading. */
export class FunctionSource implements BodySource {
  readonly #make: () => Promise<BodySource>;
  readonly length = undefined;
  readonly replayable = true;
  readonly taken = false;

  constructor(make: () => Promise<BodySource>) {
    this.#make = make;
  }

  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    const source = await this.#make();
    try {
      yield* source.open();
    } finally {
      source.discard();
    }
  }

  discard(): void {
    // Each reading discards what it has opened.
  }
}
