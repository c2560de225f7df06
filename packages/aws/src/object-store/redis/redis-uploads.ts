import type { PartRecord, UploadRecord } from "../object-storage.ts";
import type { RedisArgument, RedisClient, RedisReply } from "./load-redis.ts";
import { bucketsKey, uploadKey, uploadsKey } from "./redis-keys.ts";
import { runScript } from "./redis-script.ts";
import {
  abortScript,
  assembleScript,
  createUploadScript,
  describeUploadsScript,
  writePartScript,
} from "./upload-scripts.ts";

/** Milliseconds that an upload and its parts live after the last write. */
export const uploadMs: number = 7 * 24 * 3600 * 1000;

/** Bytes that one script puts together: some tens of milliseconds, in which Redis does nothing else. */
const assembledAtOnce = 16 * 1024 * 1024;
/** Bytes that go through Lua at a time. */
const pieceBytes = 1024 * 1024;
/** Parts that may be small all. */
const piecesAtOnce = 1000;
const uploadsAtOnce = 500;

/** Begins an upload. */
export async function createUpload(
  client: RedisClient,
  bucket: string,
  upload: UploadRecord,
): Promise<"done" | "no-bucket"> {
  const { id, key } = upload;
  const args = ["0", bucket, id, key, JSON.stringify(upload), String(uploadMs)];
  return (await runScript(client, createUploadScript, args)) === 1 ? "done" : "no-bucket";
}

/** An upload that is under way. */
export async function findUpload(
  client: RedisClient,
  bucket: string,
  key: string,
  id: string,
): Promise<UploadRecord | "no-bucket" | "no-upload"> {
  const [isThere, texts] = await Promise.all([
    client.sendCommand(["SISMEMBER", bucketsKey, bucket]),
    client.sendCommand(["HMGET", uploadKey(id), "bucket", "key", "upload"]),
  ]);
  if (isThere !== 1) return "no-bucket";
  const [ownBucket, ownKey, text] = texts as readonly (string | null)[];
  if (ownBucket !== bucket || ownKey !== key) return "no-upload";
  return JSON.parse(String(text)) as UploadRecord;
}

/** All uploads of a bucket. */
export async function listUploads(
  client: RedisClient,
  bucket: string,
): Promise<readonly UploadRecord[] | "no-bucket"> {
  const [isThere, found] = await Promise.all([
    client.sendCommand(["SISMEMBER", bucketsKey, bucket]),
    client.sendCommand(["SMEMBERS", uploadsKey(bucket)]),
  ]);
  if (isThere !== 1) return "no-bucket";
  const ids = found as readonly string[];
  const uploads: UploadRecord[] = [];
  for (let i = 0; i < ids.length; i += uploadsAtOnce) {
    const args = ["0", bucket, ...ids.slice(i, i + uploadsAtOnce)];
    const texts = (await runScript(client, describeUploadsScript, args)) as readonly string[];
    for (const text of texts) uploads.push(JSON.parse(text) as UploadRecord);
  }
  return uploads;
}

/** The parts of an upload by number. */
export async function listParts(
  client: RedisClient,
  bucket: string,
  key: string,
  id: string,
): Promise<readonly PartRecord[] | "no-upload"> {
  const fields = (await client.sendCommand(["HGETALL", uploadKey(id)])) as readonly string[];
  const texts = new Map<string, string>();
  for (let i = 0; i + 1 < fields.length; i += 2) texts.set(fields[i] ?? "", fields[i + 1] ?? "");
  if (texts.get("bucket") !== bucket || texts.get("key") !== key) return "no-upload";
  const parts: PartRecord[] = [];
  for (const [field, text] of texts) {
    if (/^p\d+$/.test(field)) parts.push(JSON.parse(text) as PartRecord);
  }
  return parts.toSorted((a, b) => a.number - b.number);
}

/** Ends an upload without an object. */
export async function abortUpload(
  client: RedisClient,
  bucket: string,
  key: string,
  id: string,
): Promise<"done" | "no-upload"> {
  const ended = await runScript(client, abortScript, ["0", bucket, key, id]);
  return ended === 1 ? "done" : "no-upload";
}

/** Keeps a part whose bytes are staged. */
export async function keepPart(
  client: RedisClient,
  staged: string,
  { bucket, key, id, part }: PartPlace,
): Promise<RedisReply> {
  const text = partText(part);
  const number = String(part.number);
  const args = ["1", staged, bucket, key, id, number, text, String(uploadMs)];
  return await runScript(client, writePartScript, args);
}

/** A part as it is kept: equal parts are equal texts. */
export function partText({ number, size, etag, modified, checksum }: PartRecord): string {
  return JSON.stringify({ number, size, etag, modified, checksum });
}

/** Where a part belongs. */
export interface PartPlace {
  readonly bucket: string;
  readonly key: string;
  readonly id: string;
  readonly part: PartRecord;
}

/**
 * Puts the bytes of parts together within Redis, in steps that keep nobody waiting for long.
 * @param staged key of what is being put together
 * @returns whether all parts were there
 */
export async function assembleParts(
  client: RedisClient,
  staged: string,
  id: string,
  parts: readonly PartRecord[],
  progressed: () => void,
): Promise<boolean> {
  const size = parts.reduce((sum, part) => sum + part.size, 0);
  for (const step of assemblySteps(parts)) {
    const args = ["1", staged, id, String(size), ...step];
    if ((await runScript(client, assembleScript, args)) !== 1) return false;
    progressed();
  }
  return true;
}

/**
 * Cuts parts into pieces, in steps of bounded size.
 * @yields number, first and last byte, and place of each piece of a step
 */
export function* assemblySteps(
  parts: readonly Pick<PartRecord, "number" | "size">[],
): Generator<RedisArgument[]> {
  let step: RedisArgument[] = [];
  let bytes = 0;
  let place = 0;
  for (const { number, size } of parts) {
    for (let first = 0; first < size; first += pieceBytes) {
      const end = Math.min(size, first + pieceBytes);
      step.push(String(number), String(first), String(end - 1), String(place + first));
      bytes += end - first;
      if (bytes < assembledAtOnce && step.length < 4 * piecesAtOnce) continue;
      yield step;
      step = [];
      bytes = 0;
    }
    place += size;
  }
  if (step.length > 0) yield step;
}
