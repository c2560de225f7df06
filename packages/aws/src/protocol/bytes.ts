/** Bytes as an input may give them: strings are UTF-8. `undefined` for anything else. */
export function bytesOf(value: unknown): Buffer | undefined {
  if (typeof value === "string") return Buffer.from(value, "utf8");
  if (Buffer.isBuffer(value)) return value;
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return Buffer.from(value);
  return undefined;
}

/** As `bytesOf`. @throws TypeError for anything else. */
export function blobBytes(value: unknown): Buffer {
  const bytes = bytesOf(value);
  if (bytes !== undefined) return bytes;
  throw new TypeError(`Cannot write a blob: expected bytes or a string, got ${typeof value}`);
}

/** Base64 of bytes as an input may give them. @throws TypeError for anything else. */
export function base64Of(value: unknown): string {
  return blobBytes(value).toString("base64");
}
