import type { EventOutput, Output } from "../protocol/protocol.ts";
import type { BodyChannel } from "./body-channel.ts";
import type { Call } from "./call.ts";
import { onForgotten, remembered } from "./on-forgotten.ts";
import { serviceErrorOf } from "./read-error.ts";

/**
 * The events of an output, as they arrive; the code that reads frames is loaded with the first. An
 * exception among them ends the iteration with its error; leaving early closes the connection, and
 * so does forgetting the events.
 *
 * @param headers of the response: the errors among the events have its request id.
 * @param forget called when the events become unreachable before their end.
 */
export function lazyEvents(
  call: Call,
  channel: BodyChannel,
  output: EventOutput,
  headers: readonly string[],
  forget: () => void,
): AsyncIterableIterator<Output, undefined> {
  return new LazyEvents(generate(call, channel, output, headers), channel, forget);
}

class LazyEvents implements AsyncIterableIterator<Output, undefined> {
  readonly #events: AsyncGenerator<Output, undefined, undefined>;
  readonly #channel: BodyChannel;

  constructor(
    events: AsyncGenerator<Output, undefined, undefined>,
    channel: BodyChannel,
    forget: () => void,
  ) {
    this.#events = events;
    this.#channel = channel;
    onForgotten(this, forget);
  }

  next(): Promise<IteratorResult<Output, undefined>> {
    if (this.#channel.hasEnded) remembered(this);
    return this.#events.next();
  }

  return(): Promise<IteratorResult<Output, undefined>> {
    remembered(this);
    // A generator that waits for its next chunk hears of its end only with that.
    this.#channel.cancel();
    return this.#events.return(undefined);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

async function* generate(
  call: Call,
  channel: BodyChannel,
  output: EventOutput,
  headers: readonly string[],
): AsyncGenerator<Output, undefined, undefined> {
  try {
    const { readEvents } = await import("../event-stream/read-events.ts");
    yield* readEvents(channel, output, (parsed, status) =>
      serviceErrorOf(call, parsed, { status, headers }),
    );
  } finally {
    channel.cancel();
  }
  return undefined;
}
