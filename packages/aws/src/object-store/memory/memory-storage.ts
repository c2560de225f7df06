import type {
  ListedObject,
  ListPosition,
  ObjectRecord,
  ObjectStorage,
  PartRecord,
  ReadOptions,
  StagedBody,
  StoredBody,
  StoredBucket,
  StoredObject,
  Tag,
  UploadRecord,
  WriteCondition,
  WriteOutcome,
} from "../object-storage.ts";
import { resolveRange } from "../byte-range.ts";
import { collectBody } from "../collect-body.ts";
import { compareUtf8 } from "../compare-utf8.ts";
import { KeptBytes } from "./kept-bytes.ts";
import { RetainedObjects } from "./retained-objects.ts";
import { SortedKeys } from "./sorted-keys.ts";

/** How long and how much a store in memory keeps. */
export interface MemoryStorageOptions {
  /** Milliseconds that an object lives; default: for ever. */
  readonly ttlMs?: number | undefined;
  /** Bytes of all objects; above it the least recently used go. Default: no bound. */
  readonly maxBytes?: number | undefined;
}

/** An object; its bytes are never changed. */
export interface MemoryObject {
  readonly bucket: MemoryBucket;
  readonly key: string;
  record: ObjectRecord;
  readonly bytes: Buffer;
}

/** A bucket with its objects. */
export interface MemoryBucket {
  readonly created: number;
  readonly objects: Map<string, MemoryObject>;
  readonly keys: SortedKeys;
  readonly uploads: Map<string, MemoryUpload>;
}

interface MemoryUpload {
  readonly record: UploadRecord;
  readonly parts: Map<number, { readonly part: PartRecord; readonly bytes: Buffer }>;
}

/** As much as Node puts into one buffer, and no more than S3 puts into one object. */
const maxObjectBytes = 4 * 1024 ** 3;

/** A store in the memory of the process. Every step takes place at once, so each is atomic. */
export class MemoryStorage implements ObjectStorage {
  readonly url: string;
  readonly maxObjectBytes: number = maxObjectBytes;
  readonly #buckets = new Map<string, MemoryBucket>();
  readonly #retained: RetainedObjects;
  readonly #kept = new KeptBytes();

  constructor(url: string, options: MemoryStorageOptions = {}) {
    this.url = url;
    this.#retained = new RetainedObjects(options);
  }

  createBucket(name: string, created: number): "done" | "exists" {
    if (this.#buckets.has(name)) return "exists";
    this.#buckets.set(name, {
      created,
      objects: new Map(),
      keys: new SortedKeys(),
      uploads: new Map(),
    });
    return "done";
  }

  deleteBucket(name: string): "done" | "no-bucket" | "not-empty" {
    const bucket = this.#bucket(name);
    if (bucket === undefined) return "no-bucket";
    if (bucket.objects.size > 0) return "not-empty";
    this.#buckets.delete(name);
    return "done";
  }

  bucket(name: string): StoredBucket | undefined {
    const bucket = this.#bucket(name);
    return bucket === undefined ? undefined : { name, created: bucket.created };
  }

  buckets(): readonly StoredBucket[] {
    return [...this.#buckets.keys()]
      .toSorted(compareUtf8)
      .map((name) => ({ name, created: this.#buckets.get(name)?.created }));
  }

  read(
    bucketName: string,
    key: string,
    options: ReadOptions,
  ): StoredObject | "no-bucket" | "no-key" {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    const object = bucket.objects.get(key);
    if (object === undefined) return "no-key";
    this.#retained.used(object);
    return { record: object.record, body: bodyOf(object, options.body) };
  }

  stage(pieces: AsyncIterable<Uint8Array>): Promise<StagedBody> {
    return collectBody(pieces);
  }

  stageBytes(bytes: Uint8Array): StagedBody {
    return this.#kept.copy(bytes);
  }

  discard(): void {
    // The collector has it.
  }

  write(
    bucketName: string,
    key: string,
    record: ObjectRecord,
    body: StagedBody,
    condition: WriteCondition,
  ): WriteOutcome {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    const before = bucket.objects.get(key);
    const refusal = refusalOf(before, condition);
    if (refusal !== undefined) return refusal;
    this.#put(bucket, { bucket, key, record, bytes: this.#kept.keep(body as Buffer) }, before);
    return "done";
  }

  delete(
    bucketName: string,
    key: string,
    condition: Pick<WriteCondition, "ifMatch">,
  ): WriteOutcome {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    const before = bucket.objects.get(key);
    const refusal = refusalOf(before, condition);
    if (refusal !== undefined) return refusal;
    if (before !== undefined) this.#retained.drop(before);
    return "done";
  }

  setTags(bucketName: string, key: string, tags: readonly Tag[]): "done" | "no-bucket" | "no-key" {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    const object = bucket.objects.get(key);
    if (object === undefined) return "no-key";
    object.record = { ...object.record, tags };
    return "done";
  }

  list(bucketName: string, position: ListPosition): readonly ListedObject[] | "no-bucket" {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    const { prefix, after, past, limit } = position;
    const listed: ListedObject[] = [];
    if (limit === 0) return listed;
    for (const key of bucket.keys.from(startOf(position))) {
      if (after !== undefined && key === after) continue;
      if (past !== undefined && key.startsWith(past)) continue;
      if (!key.startsWith(prefix)) {
        if (compareUtf8(key, prefix) < 0) continue;
        break;
      }
      const object = bucket.objects.get(key);
      if (object === undefined) continue;
      listed.push(listedObject(key, object.record));
      if (listed.length === limit) break;
    }
    return listed;
  }

  createUpload(bucketName: string, upload: UploadRecord): "done" | "no-bucket" {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    bucket.uploads.set(upload.id, { record: upload, parts: new Map() });
    return "done";
  }

  upload(bucketName: string, key: string, id: string): UploadRecord | "no-bucket" | "no-upload" {
    if (!this.#buckets.has(bucketName)) return "no-bucket";
    return this.#upload(bucketName, key, id)?.record ?? "no-upload";
  }

  uploads(bucketName: string): readonly UploadRecord[] | "no-bucket" {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    return [...bucket.uploads.values()].map(({ record }) => record);
  }

  writePart(
    bucketName: string,
    key: string,
    id: string,
    part: PartRecord,
    body: StagedBody,
  ): "done" | "no-upload" {
    const upload = this.#upload(bucketName, key, id);
    if (upload === undefined) return "no-upload";
    upload.parts.set(part.number, { part, bytes: this.#kept.keep(body as Buffer) });
    return "done";
  }

  parts(bucketName: string, key: string, id: string): readonly PartRecord[] | "no-upload" {
    const upload = this.#upload(bucketName, key, id);
    if (upload === undefined) return "no-upload";
    return [...upload.parts.values()]
      .map(({ part }) => part)
      .toSorted((a, b) => a.number - b.number);
  }

  completeUpload(
    bucketName: string,
    key: string,
    id: string,
    parts: readonly PartRecord[],
    record: ObjectRecord,
    condition: WriteCondition,
  ): WriteOutcome | "no-upload" | "changed" {
    const bucket = this.#bucket(bucketName);
    if (bucket === undefined) return "no-bucket";
    const upload = this.#upload(bucketName, key, id);
    if (upload === undefined) return "no-upload";
    const before = bucket.objects.get(key);
    const refusal = refusalOf(before, condition);
    if (refusal !== undefined) return refusal;
    const pieces: Buffer[] = [];
    for (const { number, etag } of parts) {
      const found = upload.parts.get(number);
      if (found?.part.etag !== etag) return "changed";
      pieces.push(found.bytes);
    }
    bucket.uploads.delete(id);
    this.#put(
      bucket,
      { bucket, key, record, bytes: this.#kept.keep(Buffer.concat(pieces)) },
      before,
    );
    return "done";
  }

  abortUpload(bucketName: string, key: string, id: string): "done" | "no-upload" {
    if (this.#upload(bucketName, key, id) === undefined) return "no-upload";
    this.#buckets.get(bucketName)?.uploads.delete(id);
    return "done";
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  #bucket(name: string): MemoryBucket | undefined {
    this.#retained.expire();
    return this.#buckets.get(name);
  }

  #upload(bucketName: string, key: string, id: string): MemoryUpload | undefined {
    const upload = this.#buckets.get(bucketName)?.uploads.get(id);
    return upload?.record.key === key ? upload : undefined;
  }

  #put(bucket: MemoryBucket, object: MemoryObject, before: MemoryObject | undefined): void {
    if (before === undefined) bucket.keys.add(object.key);
    else this.#retained.forget(before);
    bucket.objects.set(object.key, object);
    this.#retained.add(object);
  }
}

function refusalOf(
  object: MemoryObject | undefined,
  { ifMatch, ifNone }: WriteCondition,
): "no-key" | "condition" | undefined {
  if (ifNone === true && object !== undefined) return "condition";
  if (ifMatch === undefined) return undefined;
  if (object === undefined) return "no-key";
  return ifMatch === "*" || ifMatch === object.record.etag ? undefined : "condition";
}

/** A copy: what is stored is nobody else's. */
function bodyOf({ bytes }: MemoryObject, wanted: ReadOptions["body"]): StoredBody | undefined {
  if (wanted === "none") return undefined;
  if (wanted === "whole") return Buffer.from(bytes);
  const range = resolveRange(wanted, bytes.length);
  return range && Buffer.from(bytes.subarray(range.start, range.end));
}

/** Where the search begins: what is before it does not count, what is behind it is looked at. */
function startOf({ prefix, after, past }: ListPosition): string {
  let start = prefix;
  if (after !== undefined && compareUtf8(after, start) > 0) start = after;
  // Nearly all keys that begin with it are before this one.
  const end = past === undefined ? undefined : `${past}\u{10FFFF}`;
  return end !== undefined && compareUtf8(end, start) > 0 ? end : start;
}

function listedObject(key: string, { size, etag, modified, details }: ObjectRecord): ListedObject {
  const { storageClass, checksum } = details;
  return { key, size, etag, modified, storageClass, checksum };
}
