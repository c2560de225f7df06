import type { EventInput, EventMessage } from "../protocol/protocol.ts";
import { encodeEvent } from "./event-frame.ts";
import type { EventSigner } from "./event-signer.ts";

/** How the events of an input are sent. */
export interface WriteEventsOptions {
  /** RPC protocols: the first event, of type `initial-request`. */
  readonly initialRequest?: EventMessage | undefined;
  /** Wraps each event in a signed one. Default: unsigned. */
  readonly signer?: EventSigner | undefined;
}

/**
 * Writes the events of an input as they are given. Signed, an empty event ends the stream. Errors of
 * the source come out of the iteration, and the source is left when the iteration is.
 *
 * @yields frames
 */
export async function* writeEvents(
  events: AsyncIterable<unknown> | Iterable<unknown>,
  input: EventInput,
  { initialRequest, signer }: WriteEventsOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  if (initialRequest !== undefined) {
    const frame = encodeEvent(initialRequest);
    yield signer === undefined ? frame : signer.wrap(frame);
  }
  for await (const event of events) {
    const frame = encodeEvent(input.serializeEvent(event));
    yield signer === undefined ? frame : signer.wrap(frame);
  }
  if (signer !== undefined) yield signer.wrap(new Uint8Array());
}
