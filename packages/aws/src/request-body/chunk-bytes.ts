/**
 * A chunk of a body as bytes: text is UTF-8.
 *
 * @throws TypeError for anything else than bytes and text.
 */
export function chunkBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (typeof chunk === "string") return Buffer.from(chunk);
  if (ArrayBuffer.isView(chunk)) {
    return Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (chunk instanceof ArrayBuffer) return Buffer.from(chunk);
  const given = chunk === null ? "null" : typeof chunk;
  throw new TypeError(`Cannot send the body: its source gave ${given} in place of bytes or text`);
}

/** The error of a second reading of bytes that can be read once. */
export function takenError(): TypeError {
  return new TypeError(
    "Cannot send the body again: it is a stream that has been read; pass a function that opens it anew",
  );
}
