/**
 * The bytes of an event or of a response: the pieces as they arrived, never joined on the way.
 *
 * A payload of 6 MiB comes off a socket in about a hundred pieces. Keeping them as they are saves a
 * copy at each hand-over, and `writev` sends them as they are.
 */
export interface Payload {
  readonly chunks: readonly Uint8Array[];
  /** Sum of the lengths of the chunks, in bytes. */
  readonly byteLength: number;
}

/** No bytes at all. */
export const emptyPayload: Payload = { chunks: [], byteLength: 0 };

const encoder = new TextEncoder();

/** A payload of one piece. The bytes are not copied: do not change them afterwards. */
export function payloadOf(bytes: Uint8Array | string): Payload {
  const chunk = typeof bytes === "string" ? encoder.encode(bytes) : bytes;
  if (chunk.byteLength === 0) return emptyPayload;
  return { chunks: [chunk], byteLength: chunk.byteLength };
}

/** A payload of the pieces given. The pieces are not copied: do not change them afterwards. */
export function payloadFromChunks(chunks: readonly Uint8Array[]): Payload {
  let byteLength = 0;
  for (const chunk of chunks) byteLength += chunk.byteLength;
  return { chunks, byteLength };
}

/** All bytes in one piece. Copies unless there is only one chunk. */
export function payloadBytes(payload: Payload): Uint8Array {
  const [first] = payload.chunks;
  if (first === undefined) return new Uint8Array(0);
  if (payload.chunks.length === 1) return first;
  const joined = new Uint8Array(payload.byteLength);
  let offset = 0;
  for (const chunk of payload.chunks) {
    joined.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return joined;
}

const decoder = new TextDecoder();

/** The payload as UTF-8 text; bytes that are not UTF-8 become U+FFFD. */
export function payloadText(payload: Payload): string {
  return decoder.decode(payloadBytes(payload));
}
