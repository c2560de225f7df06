// Another process on the same store: `node store-process.ts ENDPOINT BUCKET TASK`. It writes a line when it
// is ready and one for each step; `begin` on its standard input lets it begin.
import { once } from "node:events";
import { argv, pid, stdin, stdout } from "node:process";
import { Session } from "@lambdad/aws";
import type { S3Client } from "@lambdad/aws/s3";
import { increment, wins } from "./concurrency.ts";
import { begin, complete, send } from "./multipart.ts";
import { assertSealed, seal } from "./sealed.ts";
import { contestedKeys, counterTimes, locksEach, onceCount, writtenKeys } from "./shared-keys.ts";

const sizes = [10, 3_000, 70_000, 400_000, 1_500_000];
const [, , endpoint = "", Bucket = "", task = ""] = argv;

/** Each ends by itself but `write`, which is killed. */
const tasks: Readonly<Record<string, (s3: S3Client) => Promise<void>>> = {
  /** Adds to a counter. */
  count: async (s3) => {
    const workers = Array.from({ length: 3 }, () =>
      increment(s3, { Bucket, Key: "counter" }, counterTimes),
    );
    await Promise.all(workers);
  },
  /** Makes objects that others make too; a line for each that it made. */
  create: async (s3) => {
    for (let index = 0; index < onceCount; index += 1) {
      const put = s3.putObject({ Bucket, Key: `once-${index}`, Body: `${pid}`, IfNoneMatch: "*" });
      if (await wins(put)) say(`made once-${index}`);
    }
  },
  /** Takes a lock, so often, and adds to a number that nothing else protects. */
  lock: async (s3) => {
    for (let taken = 0; taken < locksEach;) {
      const isMine = await wins(s3.putObject({ Bucket, Key: "lock", Body: "x", IfNoneMatch: "*" }));
      if (!isMine) continue;
      const { Body } = await s3.getObject({ Bucket, Key: "guarded" });
      const next = String(Number(await Body?.text()) + 1);
      await s3.putObject({ Bucket, Key: "guarded", Body: next });
      await s3.deleteObject({ Bucket, Key: "lock" });
      taken += 1;
    }
  },
  /** Overwrites and reads what others overwrite and read. */
  contest: async (s3) => {
    for (let step = 0; step < 60; step += 1) {
      const Key = contestedKeys[step % contestedKeys.length] ?? "";
      await write(s3, Key, step);
      for (const one of contestedKeys) {
        const got = await s3.getObject({ Bucket, Key: one }).catch((error: unknown) => {
          if (error instanceof s3.errors.NoSuchKey) return undefined;
          throw error;
        });
        if (got !== undefined) await assertSealed(got);
      }
    }
  },
  /** Writes until it is killed. */
  write: async (s3) => {
    for (let step = 0; ; step += 1) {
      await write(s3, writtenKeys[step % writtenKeys.length] ?? "", step);
      say(`wrote ${step}`);
    }
  },
};

/** One of the ways in which an object comes to be or goes. */
async function write(s3: S3Client, Key: string, step: number): Promise<void> {
  const seed = pid + step;
  const { Body, ...details } = seal(sizes[seed % sizes.length] ?? 0, seed, `${pid}-${step}`);
  if (step % 11 === 3) {
    await s3.deleteObject({ Bucket, Key });
  } else if (step % 5 === 4) {
    const at = await begin(s3, Bucket, Key, { ...details, Tagging: "a=b" });
    await complete(s3, at, [await send(s3, at, 1, Body)]);
  } else if (step % 7 === 6) {
    await s3.putObject({ Bucket, Key: `${Key}-source`, Body, ...details });
    await s3.copyObject({ Bucket, Key, CopySource: { Bucket, Key: `${Key}-source` } }).catch(
      // Another process may have deleted it.
      (error: unknown) => {
        if (!(error instanceof s3.errors.NoSuchKey)) throw error;
      },
    );
  } else {
    await s3.putObject({ Bucket, Key, Body, ...details });
  }
}

function say(line: string): void {
  stdout.write(`${line}\n`);
}

const run = tasks[task];
if (run === undefined) throw new Error(`Cannot run '${task}': there is no such task`);
const session = new Session({ region: "us-east-1", endpoint });
const s3 = session.client("s3");
await s3.headBucket({ Bucket });
say("ready");
await once(stdin, "data");
stdin.pause();
await run(s3);
await session.close();
