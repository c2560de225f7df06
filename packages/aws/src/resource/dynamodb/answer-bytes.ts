/**
 * From this many bytes on an answer counts as full. DynamoDB ends one before it has more than 16 MB (API
 * Reference, BatchGetItem), and an item has 400 KB at most; what is counted here is less than what
 * DynamoDB counts.
 */
const fullBytes: number = 12 * 1024 * 1024;

/** Whether items are left out of an answer because it had room for no more. */
export function isFull(responses: Readonly<Record<string, readonly object[]>>): boolean {
  let bytes = 0;
  for (const items of Object.values(responses)) {
    for (const item of items) {
      bytes += bytesIn(item);
      if (bytes >= fullBytes) return true;
    }
  }
  return false;
}

/** Bytes of names, texts and binaries; all other values are small. */
function bytesIn(value: unknown): number {
  if (typeof value === "string") return Buffer.byteLength(value);
  if (typeof value !== "object" || value === null) return 1;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let bytes = 0;
  if (Array.isArray(value) || value instanceof Set) {
    for (const element of value as Iterable<unknown>) bytes += bytesIn(element);
  } else {
    for (const [name, member] of Object.entries(value)) {
      bytes += Buffer.byteLength(name) + bytesIn(member);
    }
  }
  return bytes;
}
