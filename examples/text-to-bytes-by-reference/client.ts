// Stores texts, calls the function with references to them, collects the bytes by reference, and prints how
// fast that was, beside the same texts by value.
//
// node client.ts [--count TEXTS] [--block TEXTS] [--size BYTES] [--in-flight CALLS] [--url URL] [--store URL]
import { parseArgs } from "node:util";
import { Session } from "@lambdad/aws";
import { type FunctionCaller, openCaller } from "./function-caller.ts";
import { openStore } from "./store.ts";
import type { TextRequest } from "./text-to-bytes.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    block: { type: "string", default: "20" },
    size: { type: "string", default: "1000" },
    "in-flight": { type: "string", default: "4" },
    url: { type: "string", default: process.env["AMQP_URI"] ?? "amqp://localhost:5672" },
    store: { type: "string" },
  },
});

function amount(name: "count" | "block" | "size" | "in-flight"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

const [block, size, inFlight] = [amount("block"), amount("size"), amount("in-flight")];
const blocks = Math.ceil(amount("count") / block);
const texts = blocks * block;

/** A text of its own for each number, so that one that comes back for another is found. */
function textOf(number: number): string {
  return `${number} ä `.repeat(Math.ceil(size / 4)).slice(0, size);
}

const store = openStore(values.store);
await store.prepare();
const caller = await openCaller(values.url, inFlight);
const session = new Session();

/** Through the store: the messages have references, whatever the size of the texts. */
async function byReference(numbers: readonly number[]): Promise<readonly Buffer[]> {
  const { references } = store;
  const sent = await references.putAll(numbers.map(textOf));
  const responses = await call(sent.map((reference) => ({ reference })));
  const results = responses.map((response) => ("reference" in response ? response.reference : ""));
  const bytes = await references.bytes(results);
  await references.delete([...sent, ...results]);
  return bytes;
}

/** In the messages themselves. */
async function byValue(numbers: readonly number[]): Promise<readonly Buffer[]> {
  const responses = await call(numbers.map((number) => ({ text: textOf(number) })));
  return responses.map((response) =>
    Buffer.from("bytes" in response ? response.bytes : "", "base64"),
  );
}

function call(requests: readonly TextRequest[]): ReturnType<FunctionCaller["call"]> {
  return caller.call(requests);
}

async function measure(
  label: string,
  run: (numbers: readonly number[]) => Promise<readonly Buffer[]>,
): Promise<void> {
  const runBlock = async (at: number): Promise<void> => {
    const numbers = Array.from({ length: block }, (_, index) => at * block + index);
    const results = await run(numbers);
    for (const [index, number] of numbers.entries()) {
      if (results[index]?.toString() === textOf(number)) continue;
      throw new Error(`Not the bytes of text ${number}`);
    }
  };
  const startedAt = performance.now();
  await session.all(
    Array.from({ length: blocks }, (_, at) => () => runBlock(at)),
    { concurrency: inFlight, onProgress: showProgress },
  );
  const seconds = (performance.now() - startedAt) / 1000;
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const perSecond = Math.round(texts / seconds).toLocaleString("en");
  console.log(`${label}  ${seconds.toFixed(2)} s, ${perSecond} texts/s`);
}

function showProgress(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${blocks} blocks`);
}

try {
  console.log(
    `${texts} texts of ${size} characters, ${block} in a call, ${inFlight} calls in flight`,
  );
  await measure("by reference", byReference);
  await measure("by value    ", byValue);
} finally {
  await caller.close();
  await store.client.close();
}
