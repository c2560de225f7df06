// Invokes a function many times, side by side, and says how long that took.
//
// node invoke-many.ts [--function NAME] [--count CALLS] [--concurrency CALLS] [--endpoint-url URL]
import { parseArgs } from "node:util";
import { Session } from "@lambdad/aws";
import { printTable, quantile } from "./table.ts";
import type { WorkRequest, WorkResponse } from "./work.ts";

const { values } = parseArgs({
  options: {
    function: { type: "string", default: "work" },
    count: { type: "string", default: "100" },
    concurrency: { type: "string", default: "100" },
    "endpoint-url": {
      type: "string",
      default: process.env["AWS_ENDPOINT_URL_LAMBDA"] ?? "http://127.0.0.1:8080",
    },
  },
});

function amount(name: "count" | "concurrency"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

const [count, concurrency] = [amount("count"), amount("concurrency")];

// lambdad checks no signatures, so any keys will do; the requests are signed as for AWS.
const session = new Session({
  region: "eu-west-1",
  credentials: { accessKeyId: "EXAMPLE", secretAccessKey: "example" },
});
const lambda = session.client("lambda", {
  endpoint: values["endpoint-url"],
  maxConnections: concurrency,
});

const latencies: number[] = [];
lambda.on("response", ({ elapsed }) => latencies.push(elapsed));

// Requests are made one by one, when a call is due: a hundred thousand would take no more memory.
function* requests(): Generator<{ FunctionName: string; Payload: string }> {
  for (let number = 0; number < count; number++) {
    const request: WorkRequest = { number };
    yield { FunctionName: values.function, Payload: JSON.stringify(request) };
  }
}

function showProgress(done: number): void {
  if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${count}`);
}

const startedAt = performance.now();
const results = await lambda.invokeAll(requests(), { concurrency, onProgress: showProgress });
await session.close();
const elapsedMs = performance.now() - startedAt;
if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");

let functionMs = 0;
let failures = 0;
for (const [number, { FunctionError, Payload }] of results.entries()) {
  const text = Buffer.from(Payload ?? "null").toString();
  // What a function throws is a result, not an exception: the call itself went well.
  if (FunctionError !== undefined) {
    failures += 1;
    console.error(`${number}: ${FunctionError}: ${text}`);
    continue;
  }
  // Results come in the order of the requests, whichever was done first.
  const { square, ms } = JSON.parse(text) as WorkResponse;
  if (square !== number * number) throw new Error(`Not the square of ${number}: ${square}`);
  functionMs += ms;
}

printTable([
  ["calls", String(count)],
  ["functions that failed", String(failures)],
  ["at once, at most", String(Math.min(concurrency, count))],
  ["took", `${(elapsedMs / 1000).toFixed(2)} s`],
  ["one after the other", `${(functionMs / 1000).toFixed(2)} s at least`],
  ["latency, median", `${quantile(latencies, 0.5).toFixed(0)} ms`],
  ["latency, 95 %", `${quantile(latencies, 0.95).toFixed(0)} ms`],
]);
