import type { EventOutput, Output } from "../protocol/protocol.ts";
import type { BodyChannel } from "./body-channel.ts";
import type { Call } from "./call.ts";
import { serviceErrorOf } from "./read-error.ts";

/**
 * The events of an output, as they arrive; the code that reads frames is loaded with the first. An
 * exception among them ends the iteration with its error; leaving early closes the connection.
 * @yields objects with the event under the name of its type.
 */
export async function* lazyEvents(
  call: Call,
  channel: BodyChannel,
  output: EventOutput,
): AsyncGenerator<Output, void, undefined> {
  try {
    const { readEvents } = await import("../event-stream/read-events.ts");
    yield* readEvents(channel, output, (parsed, status) =>
      serviceErrorOf(call, parsed, { status, headers: [] }),
    );
  } finally {
    channel.cancel();
  }
}
