// Uploads a large file in parts, downloads it again, and compares.
//
// node large-file.ts [--size MIB] [--part-size MIB] [--concurrency PARTS] [--store URL | --endpoint-url URL]
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { Session } from "@lambdad/aws";
import { ProgressBar } from "./progress-bar.ts";

const { values } = parseArgs({
  options: {
    size: { type: "string", default: "256" },
    "part-size": { type: "string", default: "8" },
    concurrency: { type: "string", default: "10" },
    store: { type: "string", default: pathToFileURL(resolve("objects")).href },
    "endpoint-url": { type: "string" },
    bucket: { type: "string", default: "large-files" },
  },
});

function amount(name: "size" | "part-size" | "concurrency"): number {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(`--${name} must be a whole number from 1: it is '${values[name]}'`);
}

const mebibyte = 1024 * 1024;
const size = amount("size");
const partSize = amount("part-size") * mebibyte;
const concurrency = amount("concurrency");

const folder = await mkdtemp(join(tmpdir(), "large-file-"));
const [sent, received] = [join(folder, "sent"), join(folder, "received")];
const session = new Session({
  endpoint: values["endpoint-url"] ?? values.store,
  forcePathStyle: true,
});
const s3 = session.client("s3");
const place = { Bucket: values.bucket, Key: "large-file" };

/** Shows how far a transfer is, and says at its end how long it took. */
async function timed(
  label: string,
  start: (show: ProgressBar) => PromiseLike<unknown>,
): Promise<void> {
  const bar = new ProgressBar(label.trim());
  const startedAt = performance.now();
  await start(bar);
  bar.end();
  const seconds = (performance.now() - startedAt) / 1000;
  console.log(`${label} ${size} MiB in ${seconds.toFixed(2)} s`);
}

async function digest(path: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(path), hash);
  return hash.digest("hex");
}

try {
  const piece = Buffer.alloc(mebibyte);
  await pipeline(function* pieces() {
    for (let at = 0; at < size; at++) yield Buffer.from(piece.fill(at));
  }, createWriteStream(sent));
  await s3.createBucket({ Bucket: place.Bucket }).catch((error: unknown) => {
    if (!(error instanceof s3.errors.BucketAlreadyOwnedByYou)) throw error;
  });
  const options = { partSize, concurrency };
  await timed("up   ", (bar) =>
    s3.uploadFile(place, sent, {
      ...options,
      onProgress: ({ loaded, total = Infinity }) => bar.show(loaded / total),
    }),
  );
  await timed("down ", (bar) =>
    s3.downloadFile(place, received, {
      ...options,
      onProgress: ({ loaded, total = Infinity }) => bar.show(loaded / total),
    }),
  );
  const isSame = (await digest(sent)) === (await digest(received));
  console.log(isSame ? "the same bytes came back" : "OTHER BYTES CAME BACK");
  if (!isSame) process.exitCode = 1;
  await s3.deleteObject(place);
} finally {
  await session.close();
  await rm(folder, { recursive: true });
}
