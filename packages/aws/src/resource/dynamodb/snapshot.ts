import { isPlain } from "../../protocol/json-text.ts";

/** What was there when it was given, and how many bytes a request has for it. */
export interface Snapshot<T> {
  readonly value: T;
  readonly bytes: number;
}

/** What contains itself is left to the client, which refuses it. */
const depthMax = 100;
/** `{"M":{"":},}` and the like around a value. */
const framingBytes = 12;

/**
 * Copies objects, lists, maps and sets, so that the caller may go on using them, and counts what they
 * are on the wire. Bytes are not copied.
 */
export function snapshot<T extends object>(value: T): Snapshot<T> {
  const count = { bytes: 0 };
  return { value: copyOf(value, count, 0) as T, bytes: count.bytes };
}

function copyOf(value: unknown, count: { bytes: number }, depth: number): unknown {
  if (typeof value === "string") {
    count.bytes += framingBytes + textBytes(value);
    return value;
  }
  count.bytes += framingBytes;
  if (typeof value !== "object" || value === null || depth > depthMax) {
    // The longest number has 38 digits, a point, a sign and an exponent.
    count.bytes += 44;
    return value;
  }
  if (Array.isArray(value)) return value.map((item) => copyOf(item, count, depth + 1));
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    count.bytes += Math.ceil(value.byteLength / 3) * 4;
    return value;
  }
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    for (const [name, item] of value) copy.set(name, copyOf(item, count, depth + 1));
    return copy;
  }
  if (value instanceof Set) {
    return new Set(Array.from(value, (item) => copyOf(item, count, depth + 1)));
  }
  return copyOfObject(value, count, depth);
}

function copyOfObject(value: object, count: { bytes: number }, depth: number): object {
  const prototype = Object.getPrototypeOf(value) as object | null;
  if (prototype !== Object.prototype && prototype !== null) {
    // An instance of a class is not ours to copy; numbers of DynamoDB never change.
    count.bytes += 44;
    return value;
  }
  const copy = Object.create(prototype) as Record<string, unknown>;
  for (const name of Object.keys(value)) {
    count.bytes += textBytes(name);
    const item = copyOf((value as Record<string, unknown>)[name], count, depth + 1);
    // A member of that name would set the prototype.
    if (name === "__proto__") Object.defineProperty(copy, name, { value: item, enumerable: true });
    else copy[name] = item;
  }
  return copy;
}

function textBytes(text: string): number {
  return Buffer.byteLength(isPlain(text) ? text : JSON.stringify(text));
}
