import { ResponseParseError } from "../client/errors.ts";
import type { EventOutput, Output, ParsedError } from "../protocol/protocol.ts";
import { EventDecoder, type EventFrame } from "./event-decoder.ts";

/** Makes the error that a frame reports; `status` is what it would be as a response of its own. */
export type EventErrorFactory = (parsed: ParsedError, status: number) => Error;

/**
 * Reads the events of an output as they arrive. An exception or an error among them ends the
 * iteration with what `errorOf` makes of it; bytes that are no frames end it with a `ChecksumError`
 * or a `ResponseParseError` (CL-9).
 *
 * @param onInitial - receives the other members of the output, which RPC protocols send first
 * @yields the events, in the order of arrival
 */
export async function* readEvents(
  body: AsyncIterable<Uint8Array>,
  output: EventOutput,
  errorOf: EventErrorFactory,
  onInitial?: (members: Output) => void,
): AsyncGenerator<Output, void, undefined> {
  const decoder = new EventDecoder();
  for await (const chunk of body) {
    decoder.push(chunk);
    for (let frame = decoder.next(); frame !== undefined; frame = decoder.next()) {
      const event = readFrame(frame, output, errorOf, onInitial);
      if (event !== undefined) yield event;
    }
  }
  decoder.end();
}

/** The event of a frame; `undefined` for the initial response. */
function readFrame(
  frame: EventFrame,
  output: EventOutput,
  errorOf: EventErrorFactory,
  onInitial: ((members: Output) => void) | undefined,
): Output | undefined {
  const { headers, payload } = frame;
  const messageType = text(frame, ":message-type");
  switch (messageType) {
    case "event": {
      const type = text(frame, ":event-type");
      if (type !== "initial-response") return output.parseEvent(type, headers, payload);
      onInitial?.(output.parseInitialResponse(payload));
      return undefined;
    }
    case "exception": {
      const parsed = output.parseException(text(frame, ":exception-type"), headers, payload);
      throw errorOf(parsed, parsed.fault === "server" ? 500 : 400);
    }
    case "error":
      throw errorOf(unmodelledError(frame), 400);
    default:
      throw new ResponseParseError(
        `Cannot read an event: its message type is "${messageType}"`,
        payload,
      );
  }
}

/** An error without shape: a code and a message in the headers. */
function unmodelledError(frame: EventFrame): ParsedError {
  const code = text(frame, ":error-code");
  const message = frame.headers.get(":error-message");
  return {
    code,
    name: code,
    message: typeof message === "string" ? message : "",
    members: {},
    fault: "client",
  };
}

function text({ headers, payload }: EventFrame, name: string): string {
  const value = headers.get(name);
  if (typeof value === "string") return value;
  throw new ResponseParseError(`Cannot read an event: it has no header "${name}"`, payload);
}
