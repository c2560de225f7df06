import { isUtf8 } from "node:buffer";
import { compareUtf8 } from "../compare-utf8.ts";
import type { ListedObject, ListPosition } from "../object-storage.ts";
import { describeValues } from "./list-index.ts";
import { asBuffers, type RedisClient, type RedisReply } from "./load-redis.ts";
import { bucketsKey, valueKey } from "./redis-keys.ts";

/** Keys that Redis looks at in one step. */
const scanCount = "1000";
/** Keys beyond a page that are kept until they are sorted out. */
const spare = 10_000;

/** A pattern that matches this text alone: `*`, `?`, `[` and `\` mean themselves. */
export function escapeGlob(text: string): string {
  return text.replace(/[*?[\]\\^-]/g, String.raw`\$&`);
}

/**
 * Lists objects without an index: looks at every key of the database, for each page anew, and keeps the
 * smallest keys behind where the listing stands.
 */
export async function listScan(
  client: RedisClient,
  bucket: string,
  position: ListPosition,
  progressed: () => void,
): Promise<readonly ListedObject[] | "no-bucket"> {
  if ((await client.sendCommand(["SISMEMBER", bucketsKey, bucket])) !== 1) return "no-bucket";
  const listed: ListedObject[] = [];
  let from = position;
  for (;;) {
    const limit = position.limit - listed.length;
    const keys = await smallestKeys(client, bucket, { ...from, limit }, progressed);
    const values = keys.map((key) => valueKey(bucket, key));
    listed.push(...(await describeValues(client, bucket, values)));
    // Some may have gone since they were seen, and others be behind them.
    if (keys.length < limit || listed.length >= position.limit) return listed;
    from = { ...position, after: keys.at(-1), past: undefined };
  }
}

/** Whether a bucket has any object. */
export async function hasValues(
  client: RedisClient,
  bucket: string,
  progressed: () => void,
): Promise<boolean> {
  for await (const keys of scan(client, valueKey(bucket, ""), progressed)) {
    if (keys.some((key) => key.length > bucket.length + 1)) return true;
  }
  return false;
}

async function smallestKeys(
  client: RedisClient,
  bucket: string,
  position: ListPosition,
  progressed: () => void,
): Promise<string[]> {
  const { prefix, limit } = position;
  const start = Buffer.byteLength(bucket) + 1;
  let kept: string[] = [];
  for await (const values of scan(client, valueKey(bucket, prefix), progressed)) {
    for (const value of values) {
      // S3's keys are text.
      if (value.length === start || !isUtf8(value)) continue;
      const key = value.toString("utf8", start);
      if (isBehind(key, position)) kept.push(key);
    }
    if (kept.length > limit + spare) kept = smallest(kept, limit);
  }
  return smallest(kept, limit);
}

function isBehind(key: string, { after, past }: ListPosition): boolean {
  if (after !== undefined && compareUtf8(key, after) <= 0) return false;
  return past === undefined || (compareUtf8(key, past) > 0 && !key.startsWith(past));
}

/** The first ones in order, each once: a scan may show a key twice. */
function smallest(keys: readonly string[], limit: number): string[] {
  const sorted = keys.toSorted(compareUtf8);
  return sorted.filter((key, i) => key !== sorted[i - 1]).slice(0, limit);
}

async function* scan(
  client: RedisClient,
  prefix: string,
  progressed: () => void,
): AsyncGenerator<readonly Buffer[]> {
  const pattern = `${escapeGlob(prefix)}*`;
  let cursor = "0";
  do {
    const command = ["SCAN", cursor, "MATCH", pattern, "COUNT", scanCount, "TYPE", "string"];
    const reply = await client.sendCommand(command, asBuffers);
    const [next, keys] = reply as readonly RedisReply[];
    progressed();
    cursor = String(next);
    yield keys as readonly Buffer[];
  } while (cursor !== "0");
}
