import type { StreamingBlobInput } from "../client/client-types.ts";

/**
 * What can be put: text, bytes, a `Blob`, a stream, anything that yields bytes, or a function that
 * opens one of these; any other value is kept as JSON.
 */
export type ReferenceValue = StreamingBlobInput | object | number | boolean | null;

/** A value as it is stored. */
export interface StoredValue {
  readonly body: Buffer | StreamingBlobInput;
  readonly contentType: string;
}

const bytesType = "application/octet-stream";

/** How a value is stored. @throws TypeError for a value that cannot be. */
export function storedValue(value: unknown): StoredValue {
  if (typeof value === "string") {
    return { body: Buffer.from(value), contentType: "text/plain; charset=utf-8" };
  }
  if (typeof value === "function") {
    return { body: value as StreamingBlobInput, contentType: bytesType };
  }
  if (typeof value === "object" && value !== null) {
    if (value instanceof Blob) return { body: value, contentType: value.type || bytesType };
    const bytes = bytesOf(value);
    if (bytes !== undefined) return { body: bytes, contentType: bytesType };
    if (value instanceof Map || value instanceof Set) {
      throw new TypeError(
        `Cannot put a ${value instanceof Map ? "Map" : "Set"}: JSON has none; give an object or an array`,
      );
    }
    if (isSource(value)) return { body: value as StreamingBlobInput, contentType: bytesType };
  }
  return { body: Buffer.from(json(value)), contentType: "application/json" };
}

function bytesOf(value: object): Buffer | undefined {
  if (ArrayBuffer.isView(value)) {
    return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) return Buffer.from(value);
  return undefined;
}

/** Streams and what yields bytes; lists are values of JSON, and so is what says how it becomes one. */
function isSource(value: object): boolean {
  if (Array.isArray(value) || "toJSON" in value) return false;
  return (
    Symbol.asyncIterator in value || Symbol.iterator in value || value instanceof ReadableStream
  );
}

function json(value: unknown): string {
  const text: unknown = JSON.stringify(value);
  if (typeof text === "string") return text;
  throw new TypeError(`Cannot put a value of type ${typeof value}: JSON has none`);
}
