// Puts and gets objects in each store, one by one and side by side, and says how many a second that makes.
//
// node put-get.ts [--count OBJECTS] [--size BYTES] [--concurrency CALLS] [--store URL]… [--endpoint-url URL]
import { randomBytes } from "node:crypto";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { type ServiceClients, Session } from "@lambdad/aws";
import { ProgressBar } from "./progress-bar.ts";

type S3 = ServiceClients["s3"];

const { values } = parseArgs({
  options: {
    count: { type: "string", default: "2000" },
    size: { type: "string", default: "5000" },
    concurrency: { type: "string", default: "64" },
    // In files of this folder, and in memory; `redis://localhost:6379` for Redis.
    store: {
      type: "string",
      multiple: true,
      default: [pathToFileURL(resolve("objects")).href, "memory:"],
    },
    // An S3 server as one more store: its keys come from where the AWS CLI has them.
    "endpoint-url": { type: "string" },
    bucket: { type: "string", default: "put-get" },
  },
});

function amount(name: "count" | "size" | "concurrency"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

const [count, size, concurrency] = [amount("count"), amount("size"), amount("concurrency")];
const Bucket = values.bucket;
const Body = randomBytes(size);
const keys = Array.from({ length: count }, (_, at) => `items/${at}`);

const session = new Session();

/** Does one thing with every key, so many at a time, and says how many were done in a second. */
async function perSecond(
  label: string,
  atOnce: number,
  once: (key: string) => Promise<unknown>,
): Promise<number> {
  const bar = new ProgressBar(label);
  const startedAt = performance.now();
  await session.all(
    keys.map((key) => () => once(key)),
    { concurrency: atOnce, onProgress: (done) => bar.show(done / count) },
  );
  bar.end();
  return count / ((performance.now() - startedAt) / 1000);
}

async function measure(url: string): Promise<void> {
  // An address with a password is not for the table.
  const name = new URL(url).protocol.slice(0, -1);
  const s3: S3 = session.client("s3", {
    endpoint: url,
    maxConnections: concurrency,
    // For S3 servers that do not have a name for each bucket.
    forcePathStyle: true,
  });
  await s3.createBucket({ Bucket }).catch((error: unknown) => {
    if (!(error instanceof s3.errors.BucketAlreadyOwnedByYou)) throw error;
  });
  const put = (Key: string): Promise<unknown> => s3.putObject({ Bucket, Key, Body });
  const get = async (Key: string): Promise<void> => {
    const object = await s3.getObject({ Bucket, Key });
    const bytes = await object.Body?.bytes();
    if (!bytes?.equals(Body)) throw new Error(`Not the bytes that were put: ${Key}`);
  };
  for (const atOnce of [1, concurrency]) {
    const puts = await perSecond(`${name}: put, ${atOnce} at once`, atOnce, put);
    const gets = await perSecond(`${name}: get, ${atOnce} at once`, atOnce, get);
    printRow(name, String(atOnce), rounded(puts), rounded(gets));
  }
  await session
    .resource("s3", { endpoint: url, forcePathStyle: true })
    .Bucket(Bucket)
    .objects.all()
    .delete();
  await s3.deleteBucket({ Bucket });
  await s3.close();
}

function rounded(value: number): string {
  return Math.round(value).toLocaleString("en");
}

function printRow(store: string, atOnce: string, puts: string, gets: string): void {
  console.log(`${store.padEnd(8)} ${atOnce.padStart(8)} ${puts.padStart(10)} ${gets.padStart(10)}`);
}

console.log(`${count} objects of ${size} bytes`);
printRow("store", "at once", "puts/s", "gets/s");
const endpoint = values["endpoint-url"];
for (const url of [...values.store, ...(endpoint === undefined ? [] : [endpoint])]) {
  await measure(url);
}
await session.close();
