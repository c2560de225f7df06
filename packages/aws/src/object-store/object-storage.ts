// What a store must be able to do so that S3 can be played on it. The rules of S3 (conditions on reads,
// ranges, listings, parts, errors) are in `operations/`, once for all stores; what must happen at one
// moment (a condition and the write that depends on it) is in the store.

/** A result that may be there at once. */
export type Awaitable<T> = T | Promise<T>;

/** What is kept of an object beside its bytes. Plain data that survives JSON. */
export interface ObjectRecord {
  /** Bytes. */
  readonly size: number;
  /** Quoted. `undefined`: not known without reading the bytes (somebody else wrote them). */
  readonly etag: string | undefined;
  /** Epoch milliseconds. `undefined`: nobody knows. */
  readonly modified: number | undefined;
  readonly details: ObjectDetails;
  /** Tags in the caller's order; changed by `setTags` alone. */
  readonly tags: readonly Tag[];
}

/** What a store keeps of an object and never looks into. */
export interface ObjectDetails {
  /** Headers, by the name of their member in outputs: `ContentType`, `CacheControl`, … */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** User metadata; names in lower case. */
  readonly metadata?: Readonly<Record<string, string>> | undefined;
  readonly checksum?: ObjectChecksum | undefined;
  /** Sizes of the parts of which it was made, in their order, with their checksums. */
  readonly parts?: readonly PartSize[] | undefined;
  readonly storageClass?: string | undefined;
}

/** A checksum beside the ETag. */
export interface ObjectChecksum {
  /** As in `ChecksumAlgorithm`: `CRC32`. */
  readonly algorithm: string;
  /** Base64; of a composite one with `-N` behind it. */
  readonly value: string;
  readonly type: "FULL_OBJECT" | "COMPOSITE";
}

/** A part as the finished object remembers it. */
export interface PartSize {
  readonly number: number;
  readonly size: number;
  readonly checksum?: string | undefined;
}

/** A tag of an object. */
export interface Tag {
  readonly Key: string;
  readonly Value: string;
}

/** Bytes of one object at one moment, that are not in memory. */
export interface StoredStream {
  /** Bytes that it gives. */
  readonly length: number;
  /** Starts to read; at most once. Leaving the iteration releases it. */
  read(): AsyncIterable<Buffer>;
  /** It is not read any more: closes what it holds. No effect once it is read or released. */
  release(): void;
}

/**
 * Bytes of an object. A buffer is the reader's own, except for that of `StagedBody`: a store neither
 * keeps nor changes what it has given away.
 */
export type StoredBody = Buffer | StoredStream;

/** The part of an object that is read. `last` is inclusive; `suffix`: so many bytes from the end. */
export type ByteRange =
  | { readonly first: number; readonly last: number | undefined }
  | { readonly suffix: number };

/** An object as it was at one moment. */
export interface StoredObject {
  readonly record: ObjectRecord;
  /**
   * The bytes that were asked for; `undefined` when none were, or when the range has none of the
   * object's bytes (the operations answer `InvalidRange`).
   */
  readonly body: StoredBody | undefined;
}

/** Which bytes a read wants. Streams are for stores that can read piece by piece. */
export interface ReadOptions {
  /** `none`: the record alone. */
  readonly body: "none" | "whole" | ByteRange;
  /** Bytes above which the body comes as a stream where the store can do that. */
  readonly streamAbove: number;
}

/** Under which condition a write takes place. Decided in the same moment as the write. */
export interface WriteCondition {
  /** There is an object with this ETag (quoted), or `*`: with any. */
  readonly ifMatch?: string | undefined;
  /** There is no object. */
  readonly ifNone?: boolean | undefined;
}

/** How a write ended. `no-key`: `ifMatch`, and there is no object; `condition`: it does not hold. */
export type WriteOutcome = "done" | "no-bucket" | "no-key" | "condition";

/**
 * Bytes that are with the store and are no object yet: in memory, or in a file of its own. It belongs to
 * the store's `write`, `writePart` or `discard`, whichever comes first, also when that fails.
 */
export type StagedBody = Buffer | StagedFile;

/** A body in a place of the store's own. */
export interface StagedFile {
  readonly path: string;
  readonly size: number;
}

/** An object in a listing. */
export interface ListedObject {
  readonly key: string;
  readonly size: number;
  readonly etag: string | undefined;
  readonly modified: number | undefined;
  readonly storageClass?: string | undefined;
  readonly checksum?: ObjectChecksum | undefined;
}

/** Where a listing goes on. Keys are in the order of their UTF-8 bytes. */
export interface ListPosition {
  /** Keys begin with it, literally. */
  readonly prefix: string;
  /** Keys behind this one. */
  readonly after?: string | undefined;
  /** Keys behind all that begin with this. */
  readonly past?: string | undefined;
  /** Objects at most; fewer are given only when there are no more. */
  readonly limit: number;
}

/** A bucket. */
export interface StoredBucket {
  readonly name: string;
  /** Epoch milliseconds, if known. */
  readonly created: number | undefined;
}

/** A multipart upload under way. */
export interface UploadRecord {
  readonly id: string;
  readonly key: string;
  /** Epoch milliseconds. */
  readonly initiated: number;
  readonly details: ObjectDetails;
  readonly tags: readonly Tag[];
  /** Checksum that the parts have, and of which kind that of the object will be. */
  readonly checksum?: Pick<ObjectChecksum, "algorithm" | "type"> | undefined;
}

/** A part of an upload. */
export interface PartRecord {
  readonly number: number;
  readonly size: number;
  /** Quoted. */
  readonly etag: string;
  /** Epoch milliseconds. */
  readonly modified: number;
  readonly checksum?: string | undefined;
}

/** Objects in a place: Redis, a folder, memory. Buckets and keys are checked by the caller. */
export interface ObjectStorage {
  /** How users call it: `file:///srv/objects`, without password. */
  readonly url: string;
  /** The largest object, in bytes. */
  readonly maxObjectBytes: number;

  createBucket(name: string, created: number): Awaitable<"done" | "exists">;
  deleteBucket(name: string): Awaitable<"done" | "no-bucket" | "not-empty">;
  /** `undefined`: there is none. */
  bucket(name: string): Awaitable<StoredBucket | undefined>;
  /** In the order of their names. */
  buckets(): Awaitable<readonly StoredBucket[]>;

  read(
    bucket: string,
    key: string,
    options: ReadOptions,
  ): Awaitable<StoredObject | "no-bucket" | "no-key">;
  /** Takes in bytes as they come. A failure of the source leaves nothing. */
  stage(pieces: AsyncIterable<Uint8Array>): Promise<StagedBody>;
  /** A copy of the caller's bytes, who may change them as soon as it has its turn. */
  stageBytes(bytes: Uint8Array): StagedBody;
  discard(body: StagedBody): Awaitable<void>;
  write(
    bucket: string,
    key: string,
    record: ObjectRecord,
    body: StagedBody,
    condition: WriteCondition,
  ): Awaitable<WriteOutcome>;
  /** A missing object is done, unless there is a condition. */
  delete(
    bucket: string,
    key: string,
    condition: Pick<WriteCondition, "ifMatch">,
  ): Awaitable<WriteOutcome>;
  /** Neither ETag nor time change. */
  setTags(
    bucket: string,
    key: string,
    tags: readonly Tag[],
  ): Awaitable<"done" | "no-bucket" | "no-key">;
  list(bucket: string, position: ListPosition): Awaitable<readonly ListedObject[] | "no-bucket">;

  createUpload(bucket: string, upload: UploadRecord): Awaitable<"done" | "no-bucket">;
  upload(
    bucket: string,
    key: string,
    id: string,
  ): Awaitable<UploadRecord | "no-bucket" | "no-upload">;
  /** All uploads of a bucket, in any order. */
  uploads(bucket: string): Awaitable<readonly UploadRecord[] | "no-bucket">;
  /** Replaces a part of the same number. */
  writePart(
    bucket: string,
    key: string,
    id: string,
    part: PartRecord,
    body: StagedBody,
  ): Awaitable<"done" | "no-upload">;
  /** By number. */
  parts(bucket: string, key: string, id: string): Awaitable<readonly PartRecord[] | "no-upload">;
  /**
   * Makes the object of the parts that are named, in this order, and ends the upload; other parts go.
   * `changed`: a part is not what it was when `parts` was asked. Anything but `done` leaves the upload.
   */
  completeUpload(
    bucket: string,
    key: string,
    id: string,
    parts: readonly PartRecord[],
    record: ObjectRecord,
    condition: WriteCondition,
  ): Awaitable<WriteOutcome | "no-upload" | "changed">;
  abortUpload(bucket: string, key: string, id: string): Awaitable<"done" | "no-upload">;

  /** Lets connections and files go; what is under way is waited for. */
  close(): Promise<void>;
}
