import { resolveRange } from "../byte-range.ts";
import type { ObjectRecord, ReadOptions, StoredObject } from "../object-storage.ts";
import { metadataScript, versionScript } from "./batch-scripts.ts";
import { etagOf } from "./foreign-value.ts";
import { asBuffers, type RedisArgument, type RedisClient, type RedisReply } from "./load-redis.ts";
import { outcomes, readScript } from "./object-scripts.ts";
import { metadataKey } from "./redis-keys.ts";
import { parseRecord, parseTags } from "./redis-record.ts";
import { runScript } from "./redis-script.ts";

type Wanted = ReadOptions["body"];
type Found = StoredObject | "no-bucket" | "no-key";

/**
 * Reads a part of an object in one round trip: metadata, bytes, and the version of the metadata again. When both
 * versions are the same nothing was written between them, since metadata and bytes are written at one
 * moment. Otherwise, and for all that is not plain, a script reads at one moment. A script for every
 * read would cost Redis four times as much: bytes pass through Lua slowly.
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
  const [known, bytes, etag, modified, size, details, tags] = reply as readonly RedisReply[];
  const body = bytes as Buffer;
  if (known === 1) {
    const record = parseRecord(size as number, {
      etag: String(etag),
      modified: String(modified),
      details: String(details),
      tags: String(tags),
    });
    return { record, body: ofKnown(body, record.size, wanted) };
  }
  const record: ObjectRecord = {
    size: body.length,
    etag: etagOf(body),
    modified: undefined,
    details: {},
    tags: parseTags(String(tags)),
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
  const [first] = values;
  if (values.length === 1 && first !== undefined) return [await readWhole(client, first)];
  const found = await askMany(client, values);
  if (found === undefined) {
    // Redis does not know the scripts, or no longer.
    for (const { text } of [metadataScript, versionScript]) {
      await client.sendCommand(["SCRIPT", "LOAD", text]);
    }
  }
  const [texts, bodies, versions] = found ?? (await askMany(client, values)) ?? [[], [], []];
  return values.map((_value, i) => {
    const body = bodies[i];
    const [version, modified, size, etag, details, tags] = (texts[i] ?? "").split("\n");
    if (version === "" || version === undefined || version !== versions[i]) return undefined;
    if (body === null || body === undefined || body.length !== Number(size)) return undefined;
    const record = parseRecord(body.length, {
      etag: etag ?? null,
      modified: modified ?? null,
      details: details ?? null,
      tags: tags ?? null,
    });
    return { record, body };
  });
}

type ManyReplies = readonly [readonly string[], readonly (Buffer | null)[], readonly string[]];

/** `undefined`: the scripts are not known; their answers would not be in order when they come later. */
async function askMany(
  client: RedisClient,
  values: readonly string[],
): Promise<ManyReplies | undefined> {
  const keys = [String(values.length), ...values];
  try {
    const replies = await Promise.all([
      client.sendCommand(["EVALSHA", metadataScript.hash, ...keys]),
      client.sendCommand(["MGET", ...values], asBuffers),
      client.sendCommand(["EVALSHA", versionScript.hash, ...keys]),
    ]);
    return replies as unknown as ManyReplies;
  } catch (error) {
    if ((error as Error).message.startsWith("NOSCRIPT")) return undefined;
    throw error;
  }
}

/** The bytes of a value that has metadata which is not of it; `undefined`: there is no value. */
export async function readValue(client: RedisClient, value: string): Promise<Buffer | undefined> {
  const bytes = await client.sendCommand(["GET", value], asBuffers);
  return bytes === null ? undefined : (bytes as Buffer);
}

async function readWhole(client: RedisClient, value: string): Promise<StoredObject | undefined> {
  const metadata = metadataKey(value);
  const [texts, bytes, version] = await Promise.all([
    client.sendCommand(metadataCommand(metadata)),
    client.sendCommand(["GET", value], asBuffers),
    client.sendCommand(["HGET", metadata, "version"]),
  ]);
  const record = plainRecord(texts, version);
  if (record === undefined || bytes === null) return undefined;
  const body = bytes as Buffer;
  return body.length === record.size ? { record, body } : undefined;
}

async function readRecord(client: RedisClient, value: string): Promise<StoredObject | undefined> {
  const [texts, size] = await Promise.all([
    client.sendCommand(metadataCommand(metadataKey(value))),
    client.sendCommand(["STRLEN", value]),
  ]);
  const record = plainRecord(texts, (texts as readonly RedisReply[])[0]);
  // A missing value has the length 0, too.
  if (record === undefined || size !== record.size || size === 0) return undefined;
  return { record, body: undefined };
}

async function readRange(
  client: RedisClient,
  value: string,
  wanted: Wanted,
): Promise<StoredObject | undefined> {
  const metadata = metadataKey(value);
  const [, first, last] = bodyArguments(wanted);
  const [texts, bytes, size, version] = await Promise.all([
    client.sendCommand(metadataCommand(metadata)),
    client.sendCommand(["GETRANGE", value, String(first), String(last)], asBuffers),
    client.sendCommand(["STRLEN", value]),
    client.sendCommand(["HGET", metadata, "version"]),
  ]);
  const record = plainRecord(texts, version);
  if (record === undefined || size !== record.size || size === 0) return undefined;
  return { record, body: ofKnown(bytes as Buffer, record.size, wanted) };
}

function metadataCommand(metadata: string): RedisArgument[] {
  return ["HMGET", metadata, "version", "etag", "modified", "size", "details", "tags", "sha1"];
}

/** `undefined`: there is none, it changed meanwhile, or whether it is that of the bytes has to be seen. */
function plainRecord(
  texts: RedisReply,
  versionAfter: RedisReply | undefined,
): ObjectRecord | undefined {
  const [version, etag, modified, size, details, tags, sha1] = texts as readonly (string | null)[];
  if (version === null || version !== versionAfter || sha1 !== null) return undefined;
  return parseRecord(Number(size), {
    etag: etag ?? null,
    modified: modified ?? null,
    details: details ?? null,
    tags: tags ?? null,
  });
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
