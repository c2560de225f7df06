import { crc32 } from "../checksum/crc32.ts";
import type { EventHeader, EventMessage } from "../protocol/protocol.ts";
import { encodeHeaders } from "./event-header.ts";

/** Bytes of the lengths and their checksum, before the headers. */
export const PRELUDE_BYTES = 12;

/** Bytes of the checksum after the payload. */
export const TRAILER_BYTES = 4;

/** Longest headers of a frame. Source: the event stream specification. */
export const HEADER_BYTES_MAX: number = 128 * 1024;

/** Longest payload of a frame. Source: the event stream specification. */
export const PAYLOAD_BYTES_MAX: number = 24 * 1024 * 1024;

/**
 * A frame.
 *
 * @throws RangeError when its headers or its payload are too long.
 */
export function encodeFrame(headers: readonly EventHeader[], payload: string | Uint8Array): Buffer {
  const head = encodeHeaders(headers);
  const body = typeof payload === "string" ? Buffer.from(payload) : payload;
  if (head.length > HEADER_BYTES_MAX || body.length > PAYLOAD_BYTES_MAX) {
    throw new RangeError(
      `Cannot send an event with ${head.length} bytes of headers and ${body.length} of payload: ${HEADER_BYTES_MAX} and ${PAYLOAD_BYTES_MAX} are the most`,
    );
  }
  const total = PRELUDE_BYTES + head.length + body.length + TRAILER_BYTES;
  const frame = Buffer.allocUnsafe(total);
  frame.writeUInt32BE(total, 0);
  frame.writeUInt32BE(head.length, 4);
  frame.writeUInt32BE(crc32(frame.subarray(0, 8)), 8);
  frame.set(head, PRELUDE_BYTES);
  frame.set(body, PRELUDE_BYTES + head.length);
  const end = total - TRAILER_BYTES;
  frame.writeUInt32BE(crc32(frame.subarray(0, end)), end);
  return frame;
}

/** The frame of an event. @throws RangeError when it is too long. */
export function encodeEvent({ type, contentType, headers, payload }: EventMessage): Buffer {
  const all: EventHeader[] = [
    { name: ":message-type", type: "string", value: "event" },
    { name: ":event-type", type: "string", value: type },
  ];
  if (contentType !== undefined) {
    all.push({ name: ":content-type", type: "string", value: contentType });
  }
  return encodeFrame([...all, ...headers], payload);
}
