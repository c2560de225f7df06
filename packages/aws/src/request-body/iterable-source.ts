import type { BodySource } from "./body-source.ts";
import { chunkBytes } from "./chunk-bytes.ts";
import { type OneShot, OneShotSource } from "./one-shot-source.ts";

type Chunks = AsyncIterable<unknown> | Iterable<unknown>;
type Chunker = AsyncIterator<unknown> | Iterator<unknown>;

/** The source of an (async) iterable of bytes or text: nobody knows whether it begins anew. */
export function iterableSource(iterable: Chunks): BodySource {
  let iterator: Chunker | undefined;
  return new OneShotSource({
    iterate() {
      iterator =
        Symbol.asyncIterator in iterable
          ? iterable[Symbol.asyncIterator]()
          : iterable[Symbol.iterator]();
      return iterator;
    },
    // A generator that nobody has begun to read is itself its iterator.
    cancel: () => void leave(iterator ?? (iterable as Partial<Chunker>)),
    ...(isGenerator(iterable) ? { origin: iterable } : {}),
  });
}

/** Other iterators may begin anew when they are asked for one. */
function isGenerator(iterable: object): boolean {
  const tag: unknown = (iterable as { readonly [Symbol.toStringTag]?: unknown })[
    Symbol.toStringTag
  ];
  return tag === "Generator" || tag === "AsyncGenerator";
}

/** What is used of the body of a response; it has the methods of the official SDK's streams, too. */
interface AnswerBody extends AsyncIterable<Uint8Array> {
  readonly length: number | undefined;
  readonly transformToByteArray: unknown;
  cancel(): Promise<void>;
}

/** Whether a value is the body of a response. Told by its members: its code need not be loaded here. */
export function isAnswerBody(value: object): value is AnswerBody {
  return "transformToByteArray" in value && "length" in value && "cancel" in value;
}

/** The source of a response's body: its length may be known, and unread it is given up. */
export function answerBodySource(body: AnswerBody): BodySource {
  const source: OneShot = {
    iterate: () => body[Symbol.asyncIterator](),
    cancel: () => void body.cancel(),
  };
  return new OneShotSource(source, body.length);
}

/** What an iterator throws while it is left has no reader any more. */
async function leave(iterator: Partial<Chunker>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // See above.
  }
}

/** The source of an array of bytes and text: it can be read again, and its length is known. */
export class ArraySource implements BodySource {
  readonly #chunks: readonly Uint8Array[];
  readonly length: number;
  readonly replayable = true;
  readonly taken = false;

  /** @throws TypeError for items that are neither bytes nor text. */
  constructor(chunks: readonly unknown[]) {
    this.#chunks = chunks.map((chunk) => chunkBytes(chunk));
    this.length = this.#chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  async *open(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#chunks;
  }

  discard(): void {
    // Nothing is held but memory.
  }
}
