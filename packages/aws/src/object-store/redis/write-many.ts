import type { ObjectRecord } from "../object-storage.ts";
import { writeManyScript } from "./batch-scripts.ts";
import type { RedisArgument, RedisClient, RedisReply } from "./load-redis.ts";
import { newVersion, stagingKey, stagingMs } from "./redis-keys.ts";
import { detailsText, tagsText } from "./redis-record.ts";
import { runScript } from "./redis-script.ts";

/** An object that is written without a condition. */
export interface ObjectWrite {
  readonly value: string;
  readonly record: ObjectRecord;
  readonly body: Buffer;
}

/** Bytes up to which a body goes with the script. Lua takes 2 µs for each KB. */
const inlineBytes = 2048;

/** How objects of a store are written. */
export interface WriteSettings {
  /** Milliseconds that objects live, as text; "" for ever. */
  readonly ttl: string;
  /** Whether keys go into the index, or hashes beside the values. */
  readonly mode: "index" | "scan";
}

/** What of a record scripts take: ETag, time, version, size, details, tags. */
export function recordArguments(record: ObjectRecord, version: string): string[] {
  const { etag = "", modified, size, details, tags } = record;
  const time = modified === undefined ? "" : String(modified);
  return [etag, time, version, String(size), detailsText(details), tagsText(tags)];
}

/** Bytes wait under a name of their own; they go by themselves when nothing comes of them. */
export function stageValue(client: RedisClient, staged: string, body: Buffer): Promise<RedisReply> {
  return client.sendCommand(["SET", staged, body, "PX", String(stagingMs)]);
}

/**
 * Writes objects by one script. Large bodies are sent before it.
 * @returns one of `outcomes` for each, or -1 for what has failed
 */
export async function writeMany(
  client: RedisClient,
  writes: readonly ObjectWrite[],
  { ttl, mode }: WriteSettings,
): Promise<readonly number[]> {
  const args: RedisArgument[] = [String(writes.length)];
  for (const { value } of writes) args.push(value);
  args.push(ttl, mode);
  for (const { record, body } of writes) {
    const version = newVersion();
    if (body.length > inlineBytes) {
      const staged = stagingKey(version);
      // What was not staged is -1 in the answer, which comes after this one.
      stageValue(client, staged, body).catch(() => undefined);
      args.push(staged, "");
    } else {
      args.push("", body);
    }
    args.push(...recordArguments(record, version));
  }
  return (await runScript(client, writeManyScript, args)) as readonly number[];
}
