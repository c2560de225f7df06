import type { ObjectRecord } from "../object-storage.ts";
import { writeManyScript } from "./batch-scripts.ts";
import type { RedisArgument, RedisClient, RedisReply } from "./load-redis.ts";
import { newVersion, stagingKey, stagingMs } from "./redis-keys.ts";
import { recordText } from "./redis-record.ts";
import { runScript, runTogether } from "./redis-script.ts";

/** An object that is written without a condition. */
export interface ObjectWrite {
  readonly value: string;
  readonly record: ObjectRecord;
  readonly body: Buffer;
}

/** How objects of a store are written. */
export interface WriteSettings {
  /** Milliseconds that objects live, as text; "" for ever. */
  readonly ttl: string;
  /** Whether keys go into the index, or hashes beside the values. */
  readonly mode: "index" | "scan";
}

/** Bytes wait under a name of their own; they go by themselves when nothing comes of them. */
export function stageValue(client: RedisClient, staged: string, body: Buffer): Promise<RedisReply> {
  return client.sendCommand(["SET", staged, body, "PX", String(stagingMs)]);
}

/**
 * Writes objects by one transaction, in which a script gives the bytes, which do not pass through it,
 * their places: nothing is left of them whatever happens.
 * @returns one of `outcomes` for each, or -1 for what has failed
 */
export async function writeMany(
  client: RedisClient,
  writes: readonly ObjectWrite[],
  { ttl, mode }: WriteSettings,
): Promise<readonly number[]> {
  const bytes: RedisArgument[] = ["MSET"];
  const args: RedisArgument[] = [String(writes.length)];
  for (const { value } of writes) args.push(value);
  args.push(ttl, mode);
  for (const { record, body } of writes) {
    const staged = stagingKey(newVersion());
    bytes.push(staged, body);
    args.push(staged, recordText(record));
  }
  const script = ["EVALSHA", writeManyScript.hash, ...args];
  const [, outcome] = await runTogether(client, [bytes, script]);
  if (!(outcome instanceof Error)) return outcome as readonly number[];
  // The bytes are there, and wait for the script.
  return (await runScript(client, writeManyScript, args)) as readonly number[];
}
