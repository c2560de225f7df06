import type { DownloadObject, FirstAnswer } from "./download-object.ts";
import {
  type DownloadPart,
  fetchPart,
  type FetchOptions,
  type PartTarget,
} from "./download-part.ts";
import { type ByteRange, partAt, partCount } from "./download-range.ts";

/** How the parts of an object are fetched. */
export interface PartsOptions {
  readonly partSize: number;
  /** Parts on their way at once. */
  readonly concurrency: number;
  /** Ends all; aborted here by the first failure. */
  readonly stop: AbortController;
  /** Where a part's bytes go; called in the parts' order. */
  readonly targetOf: (part: DownloadPart) => PartTarget;
  /** Resolves when the next part may begin; `undefined`: now. */
  readonly room?: (() => Promise<void> | undefined) | undefined;
  readonly onBytes: FetchOptions["onBytes"];
}

/**
 * Fetches all parts of an object, several at once.
 * @throws the first failure, when nothing is under way any more
 */
export async function fetchParts(
  object: DownloadObject,
  first: FirstAnswer,
  options: PartsOptions,
): Promise<void> {
  const run = new PartsRun(object, options);
  run.begin({ number: 1, start: first.start, end: first.end }, first.bytes);
  if (first.rest !== undefined) await beginAll(run, first.rest, options);
  await run.ended();
}

/** Begins all parts of a range, each when there is room for it. */
async function beginAll(run: PartsRun, range: ByteRange, options: PartsOptions): Promise<void> {
  const { partSize, room } = options;
  const count = partCount(range, partSize);
  for (let index = 0; index < count; index++) {
    for (;;) {
      if (run.isOver) return;
      const full = run.full() ?? room?.();
      if (full === undefined) break;
      await full;
    }
    run.begin({ number: index + 2, ...partAt(range, partSize, index) });
  }
}

/** Parts under way. */
class PartsRun {
  readonly #object: DownloadObject;
  readonly #options: PartsOptions;
  #running = 0;
  #onEnded: (() => void) | undefined;

  constructor(object: DownloadObject, options: PartsOptions) {
    this.#object = object;
    this.#options = options;
  }

  /** Whether no part is to begin any more. */
  get isOver(): boolean {
    return this.#options.stop.signal.aborted;
  }

  /** Resolves when one has ended, where as many as there may be are under way. */
  full(): Promise<void> | undefined {
    return this.#running < this.#options.concurrency ? undefined : this.#oneEnded();
  }

  begin(part: DownloadPart, bytes?: FirstAnswer["bytes"]): void {
    this.#running++;
    void this.#fetch(part, bytes);
  }

  /** Nothing is under way. @throws what stopped it. */
  async ended(): Promise<void> {
    while (this.#running > 0) await this.#oneEnded();
    this.#options.stop.signal.throwIfAborted();
  }

  async #fetch(part: DownloadPart, first: FirstAnswer["bytes"] | undefined): Promise<void> {
    const { stop, targetOf, onBytes } = this.#options;
    try {
      const target = targetOf(part);
      await fetchPart(this.#object, part, target, { signal: stop.signal, first, onBytes });
      const written = target.complete();
      if (written !== undefined) await written;
    } catch (error) {
      // The first one is the reason; no effect of the others.
      stop.abort(error);
    }
    this.#running--;
    const onEnded = this.#onEnded;
    this.#onEnded = undefined;
    onEnded?.();
  }

  #oneEnded(): Promise<void> {
    return new Promise((resolve) => {
      this.#onEnded = resolve;
    });
  }
}
