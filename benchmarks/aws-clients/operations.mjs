// What every client of the benchmark calls, and what the stand-in server answers: one description for
// both. Plain JavaScript: the start of a process is measured with it, too.

/** Body sizes by the name that they have in scenarios. */
export const sizes = { "1KB": 1_024, "16KB": 16_384, "64KB": 65_536, "1MB": 1_048_576 };

export const bucket = "benchmark-bucket";
/** Items of different sizes are in different tables. */
export const tableOf = (size) => `benchmark-${size === sizes["16KB"] ? "16KB" : "1KB"}`;
export const functionName = "benchmark-function";
export const queuePath = "/123456789012/benchmark-queue";
export const region = "us-east-1";
export const credentials = {
  accessKeyId: "AKIDBENCHMARK0000000",
  secretAccessKey: "benchmark/secret/key/of/forty/characters",
};

/** Keys in the answer of a list, items in the answer of a query. */
export const listKeys = 1_000;
export const queryItems = 25;
/** Items that one call of `dynamodb-batch` writes, in requests of 25. */
export const batchItems = 100;

/** Bytes without a pattern that compresses, and no JSON characters that need escaping. */
export function bytesOf(size) {
  const alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
  const bytes = Buffer.allocUnsafe(size);
  let state = 12_345;
  for (let at = 0; at < size; at += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = alphabet.charCodeAt((state >> 16) & 63);
  }
  return bytes;
}

const made = new Map();

/** The same for each size, made once: a `Buffer` and its text. */
export function bodyOf(size) {
  let body = made.get(size);
  if (body === undefined) {
    const bytes = bytesOf(size);
    body = { bytes, text: bytes.toString("latin1") };
    made.set(size, body);
  }
  return body;
}

/** The payload of a function: JSON of exactly the size. */
export function payloadOf(size) {
  const name = `payload ${size}`;
  let payload = made.get(name);
  if (payload === undefined) {
    const value = { id: 17, kind: "benchmark", data: "" };
    value.data = bodyOf(size - JSON.stringify(value).length).text;
    const text = JSON.stringify(value);
    payload = { text, bytes: Buffer.from(text) };
    made.set(name, payload);
  }
  return payload;
}

/** An item with all common kinds of attributes, about the size. */
export function itemOf(size, sort = "0") {
  return {
    pk: { S: "customer#4711" },
    sk: { S: `order#${sort}` },
    total: { N: "1299.95" },
    count: { N: "3" },
    paid: { BOOL: true },
    note: { NULL: true },
    tags: { SS: ["new", "express", "gift"] },
    lines: {
      L: [
        { M: { sku: { S: "A-1" }, quantity: { N: "1" }, price: { N: "999.95" } } },
        { M: { sku: { S: "B-22" }, quantity: { N: "2" }, price: { N: "150" } } },
      ],
    },
    data: { S: bodyOf(Math.max(1, size - 400)).text },
  };
}

/** Items of a batch, as a document client takes them. */
export function nativeItems(size) {
  const data = bodyOf(Math.max(1, size - 400)).text;
  return Array.from({ length: batchItems }, (_, index) => ({
    pk: "customer#4711",
    sk: `order#${index}`,
    total: 1_299.95,
    count: 3,
    paid: true,
    note: null,
    tags: new Set(["new", "express", "gift"]),
    lines: [
      { sku: "A-1", quantity: 1, price: 999.95 },
      { sku: "B-22", quantity: 2, price: 150 },
    ],
    data,
  }));
}

export const itemKey = { pk: { S: "customer#4711" }, sk: { S: "order#0" } };
