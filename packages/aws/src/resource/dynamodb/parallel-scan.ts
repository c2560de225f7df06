import type { PaginateOptions } from "../../client/client-types.ts";
import { AbortError } from "../../client/errors.ts";

/** A page, as far as the number of its items matters. */
interface Page {
  Items?: object[] | undefined;
}

/**
 * The pages of all segments, as they come. Of each segment one page at most waits to be used, and the
 * next is asked for when that one is taken.
 * @yields pages
 * @throws TypeError for `startingToken`: segments cannot be resumed.
 */
export async function* parallelPages<P extends Page>(
  segments: number,
  options: PaginateOptions,
  start: (segment: number, options: PaginateOptions) => AsyncIterable<P>,
): AsyncGenerator<P, void, undefined> {
  const { limit = Number.POSITIVE_INFINITY, startingToken, prefetch: _, ...others } = options;
  if (startingToken !== undefined) {
    throw new TypeError("Cannot resume a scan in segments: leave out startingToken or segments");
  }
  const ended = new AbortController();
  const signal = options.signal ?? options.abortSignal;
  const abort = (): void => ended.abort(signal?.reason);
  if (signal?.aborted === true) throw new AbortError(signal.reason);
  signal?.addEventListener("abort", abort);
  const lanes = Array.from({ length: segments }, (_each, segment) =>
    start(segment, { ...others, signal: ended.signal })[Symbol.asyncIterator](),
  );
  try {
    let left = limit;
    for await (const page of merged(lanes)) {
      const { Items = [] } = page;
      if (Items.length > left) page.Items = Items.slice(0, left);
      left -= Items.length;
      yield page;
      if (left <= 0) return;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    // Requests of segments whose pages nobody wants any more.
    ended.abort();
    await Promise.allSettled(lanes.map(async (lane) => lane.return?.()));
  }
}

async function* merged<P>(
  lanes: readonly AsyncIterator<P, unknown>[],
): AsyncGenerator<P, void, undefined> {
  const ready: { lane: AsyncIterator<P, unknown>; result: IteratorResult<P, unknown> }[] = [];
  let failure: { readonly error: unknown } | undefined;
  let wake: (() => void) | undefined;
  const pull = (lane: AsyncIterator<P, unknown>): void => {
    lane
      .next()
      .then((result) => ready.push({ lane, result }))
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => wake?.());
  };
  for (const lane of lanes) pull(lane);
  for (let running = lanes.length; running > 0;) {
    if (failure !== undefined) throw failure.error;
    const next = ready.shift();
    if (next === undefined) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    } else if (next.result.done === true) {
      running -= 1;
    } else {
      pull(next.lane);
      yield next.result.value;
    }
  }
}
