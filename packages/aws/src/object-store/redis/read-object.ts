import { resolveRange } from "../byte-range.ts";
import type { ObjectRecord, ReadOptions, StoredObject } from "../object-storage.ts";
import { recordsScript, recordsSeparator } from "./batch-scripts.ts";
import { etagOf } from "./foreign-value.ts";
import { asBuffers, type RedisArgument, type RedisClient, type RedisReply } from "./load-redis.ts";
import { outcomes, readScript } from "./object-scripts.ts";
import { metadataKey, recordField } from "./redis-keys.ts";
import { parseRecord, parseTags } from "./redis-record.ts";
import { runScript, runTogether } from "./redis-script.ts";

type Wanted = ReadOptions["body"];
type Found = StoredObject | "no-bucket" | "no-key";

/**
 * Reads a part of an object in one round trip: metadata and bytes at one moment, by a transaction. For all
 * that is not plain, a script reads. A script for every read would cost Redis four times as much: bytes
 * pass through Lua slowly.
 */
export async function readObject(
  client: RedisClient,
  value: string,
  wanted: Exclude<Wanted, "whole">,
): Promise<Found> {
  const plain =
    wanted === "none" ? await readRecord(client, value) : await readRange(client, value, wanted);
  return plain ?? (await readAtOnce(client, value, wanted));
}

/** As `readObject`, by a script. */
export async function readAtOnce(
  client: RedisClient,
  value: string,
  wanted: Wanted,
): Promise<Found> {
  const args = ["1", value, ...bodyArguments(wanted)];
  const reply = await runScript(client, readScript, args, asBuffers);
  if (reply === outcomes.noBucket) return "no-bucket";
  if (reply === outcomes.noKey) return "no-key";
  const [known, bytes, text] = reply as readonly RedisReply[];
  const body = bytes as Buffer;
  if (known === 1) {
    const { record } = parseRecord(String(text));
    return { record, body: ofKnown(body, record.size, wanted) };
  }
  const record: ObjectRecord = {
    size: body.length,
    etag: etagOf(body),
    modified: undefined,
    details: {},
    tags: parseTags(String(text)),
  };
  return { record, body: partOf(body, wanted) };
}

/**
 * Reads whole objects as `readObject` does, many in one round trip.
 * @returns for each: `undefined` when it has to be read by a script of its own
 */
export async function readMany(
  client: RedisClient,
  values: readonly string[],
): Promise<readonly (StoredObject | undefined)[]> {
  let found = await askMany(client, values);
  if (found === undefined) {
    // Redis does not know the script, or no longer.
    await client.sendCommand(["SCRIPT", "LOAD", recordsScript.text]);
    found = await askMany(client, values);
  }
  if (found === undefined) return values.map(() => undefined);
  const { texts, bodies } = found;
  return values.map((_value, i) => knownObject(texts[i], bodies[i]));
}

interface ManyReplies {
  readonly texts: readonly string[];
  readonly bodies: readonly (Buffer | null)[];
}

/** `undefined`: the script is not known. */
async function askMany(
  client: RedisClient,
  values: readonly string[],
): Promise<ManyReplies | undefined> {
  const records = ["EVALSHA", recordsScript.hash, String(values.length), ...values];
  const commands = [records, ["MGET", ...values]];
  const replies = await runTogether(client, commands, asBuffers).catch(unlessFull);
  if (replies === undefined) return { texts: [], bodies: [] };
  const [texts, bodies] = replies;
  if (texts instanceof Error && texts.message.startsWith("NOSCRIPT")) return undefined;
  if (texts instanceof Error) throw texts;
  if (bodies instanceof Error) throw bodies;
  return {
    texts: String(texts).split(recordsSeparator),
    bodies: bodies as readonly (Buffer | null)[],
  };
}

/** A Redis that is full takes no transactions; scripts that only read it still runs. */
function unlessFull(error: Error): undefined {
  if (!error.message.startsWith("OOM")) throw error;
}

/** `undefined`: there is none, or whether the record is that of the bytes has to be seen. */
function knownObject(
  text: string | undefined,
  body: Buffer | null | undefined,
): StoredObject | undefined {
  if (body === null || body === undefined) return undefined;
  const record = knownRecord(text, body.length);
  return record && { record, body };
}

function knownRecord(text: string | null | undefined, size: number): ObjectRecord | undefined {
  if (text === undefined || text === null || text === "") return undefined;
  const { record, hasHash } = parseRecord(text);
  return hasHash || record.etag === undefined || record.size !== size ? undefined : record;
}

/** The bytes of a value that has metadata which is not of it; `undefined`: there is no value. */
export async function readValue(client: RedisClient, value: string): Promise<Buffer | undefined> {
  const bytes = await client.sendCommand(["GET", value], asBuffers);
  return bytes === null ? undefined : (bytes as Buffer);
}

async function readRecord(client: RedisClient, value: string): Promise<StoredObject | undefined> {
  // Not at one moment: a record that says how large the value is was there, whatever came between.
  const [text, size] = await Promise.all([
    client.sendCommand(["HGET", metadataKey(value), recordField]),
    client.sendCommand(["STRLEN", value]),
  ]);
  // A missing value has the length 0, too.
  if (size === 0) return undefined;
  const record = knownRecord(text as string | null, size as number);
  return record && { record, body: undefined };
}

async function readRange(
  client: RedisClient,
  value: string,
  wanted: Wanted,
): Promise<StoredObject | undefined> {
  const [, first, last] = bodyArguments(wanted);
  const commands = [
    ["HGET", metadataKey(value), recordField],
    ["GETRANGE", value, String(first), String(last)],
    ["STRLEN", value],
  ];
  const [text, bytes, size] =
    (await runTogether(client, commands, asBuffers).catch(unlessFull)) ?? [];
  // The script says what is wrong.
  if (!Buffer.isBuffer(text) || !Buffer.isBuffer(bytes) || size === 0) return undefined;
  const record = knownRecord(String(text), size as number);
  return record && { record, body: ofKnown(bytes, record.size, wanted) };
}

/** What of the body is wanted, as the script and GETRANGE take it: bounds are inclusive. */
function bodyArguments(wanted: Wanted): RedisArgument[] {
  if (typeof wanted === "string") return [wanted];
  if ("suffix" in wanted) {
    // For the last 0 bytes: -0 would be the beginning.
    return wanted.suffix === 0 ? ["range", "1", "0"] : ["range", `-${bound(wanted.suffix)}`, "-1"];
  }
  const { first, last = -1 } = wanted;
  return ["range", bound(first), bound(last)];
}

/** Redis reads numbers of 64 bits, and no larger ones. */
function bound(offset: number): string {
  return String(Math.min(offset, Number.MAX_SAFE_INTEGER));
}

function ofKnown(bytes: Buffer, size: number, wanted: Wanted): Buffer | undefined {
  if (wanted === "none") return undefined;
  if (wanted === "whole") return bytes;
  return resolveRange(wanted, size) === undefined ? undefined : bytes;
}

function partOf(bytes: Buffer, wanted: Wanted): Buffer | undefined {
  if (typeof wanted === "string") return wanted === "none" ? undefined : bytes;
  const range = resolveRange(wanted, bytes.length);
  return range && bytes.subarray(range.start, range.end);
}
