// Sends texts to the queue, checks the bytes that come back, and prints how fast that was.
//
// node client.ts [--count TEXTS] [--block TEXTS] [--size BYTES] [--in-flight CALLS] [--url URL]
import { parseArgs } from "node:util";
import { connect } from "@lambdad/invoke-amqp";
import { type BytesResponse, QUEUE_NAME } from "./text-to-bytes.ts";

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "10000" },
    block: { type: "string", default: "1" },
    size: { type: "string", default: "1000" },
    "in-flight": { type: "string", default: "100" },
    url: { type: "string", default: process.env["AMQP_URI"] ?? "amqp://localhost:5672" },
  },
});

function amount(name: "count" | "block" | "size" | "in-flight"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

const [block, size, inFlight] = [amount("block"), amount("size"), amount("in-flight")];
const calls = Math.ceil(amount("count") / block);
const text = "x".repeat(size);
const bytes = Buffer.from(text).toString("base64");
// One text alone, or an array of them: a block.
const request = block === 1 ? { text } : Array.from({ length: block }, () => ({ text }));

const rpc = await connect(values.url);

async function callOnce(): Promise<void> {
  const response = await rpc.invoke<BytesResponse | BytesResponse[]>(QUEUE_NAME, request);
  const results = Array.isArray(response) ? response : [response];
  if (results.length !== block || results.some((result) => result.bytes !== bytes)) {
    throw new Error(`Not the bytes of the text: ${JSON.stringify(response).slice(0, 200)}`);
  }
}

let left = calls;

/** Calls again as soon as it was answered: as many run at once as calls are to be in flight. */
async function callAgain(): Promise<void> {
  while (left > 0) {
    left -= 1;
    await callOnce();
  }
}

console.log(`${calls} calls, ${inFlight} in flight: ${block} x ${size} bytes of text each`);
const startedAt = performance.now();
await Promise.all(Array.from({ length: inFlight }, callAgain));
const seconds = (performance.now() - startedAt) / 1000;

const texts = calls * block;
const perSecond = (count: number): string => Math.round(count / seconds).toLocaleString("en");
console.log(`${seconds.toFixed(2)} s, ${perSecond(calls)} calls/s, ${perSecond(texts)} texts/s`);
console.log(`${perSecond((texts * size) / 1000)} kB/s of text`);
await rpc.close();
