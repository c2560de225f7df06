import type {
  Awaitable,
  ListedObject,
  ListPosition,
  ObjectRecord,
  ObjectStorage,
  PartRecord,
  ReadOptions,
  StagedBody,
  StoredBucket,
  StoredObject,
  Tag,
  UploadRecord,
  WriteCondition,
  WriteOutcome,
} from "../object-storage.ts";
import { FileBuckets } from "./file-buckets.ts";
import { FileDeleter } from "./file-deleter.ts";
import { fileFailure } from "./file-errors.ts";
import { listFiles } from "./file-listing.ts";
import { fileParts, type FileParts } from "./file-parts.ts";
import { FileReader } from "./file-reader.ts";
import { FileUploads } from "./file-uploads.ts";
import { FileWriter } from "./file-writer.ts";
import { FolderNames } from "./folder-names.ts";
import { setFileTags } from "./set-file-tags.ts";

/** As much as S3 puts into one object. */
const maxObjectBytes = 5 * 1024 ** 4;

/**
 * A store in a folder: an object is the file `<folder>/<bucket>/<key>`, and a file is an object, whoever
 * wrote it. Small steps are done at once, as asking a thread for them costs more than they do; bodies
 * above 64 KiB are read and written by threads.
 */
export class FileStorage implements ObjectStorage {
  readonly url: string;
  readonly maxObjectBytes: number = maxObjectBytes;
  readonly #parts: FileParts;
  readonly #buckets: FileBuckets;
  readonly #reader: FileReader;
  readonly #writer: FileWriter;
  readonly #deleter: FileDeleter;
  readonly #uploads: FileUploads;
  readonly #names = new FolderNames();
  readonly #underWay = new Set<Promise<unknown>>();

  /** @param folder absolute */
  constructor(url: string, folder: string, fsync: boolean) {
    this.url = url;
    this.#parts = fileParts(folder, fsync);
    this.#buckets = new FileBuckets(this.#parts);
    this.#reader = new FileReader(this.#parts);
    this.#writer = new FileWriter(this.#parts, this.#reader);
    this.#deleter = new FileDeleter(this.#parts, this.#reader);
    this.#uploads = new FileUploads(this.#parts, this.#writer);
  }

  createBucket(name: string, created: number): Awaitable<"done" | "exists"> {
    return this.#do("create a bucket", () => this.#buckets.create(name, created));
  }

  deleteBucket(name: string): Awaitable<"done" | "no-bucket" | "not-empty"> {
    return this.#do("delete a bucket", () => this.#buckets.delete(name));
  }

  bucket(name: string): Awaitable<StoredBucket | undefined> {
    return this.#do("look for a bucket", () => this.#buckets.get(name));
  }

  buckets(): Awaitable<readonly StoredBucket[]> {
    return this.#do("list the buckets", () => this.#buckets.list());
  }

  read(
    bucket: string,
    key: string,
    options: ReadOptions,
  ): Awaitable<StoredObject | "no-bucket" | "no-key"> {
    return this.#do("read an object", () => this.#reader.read(bucket, key, options));
  }

  async stage(pieces: AsyncIterable<Uint8Array>): Promise<StagedBody> {
    return this.#do("take in a body", () => this.#parts.staged.stage(pieces));
  }

  stageBytes(bytes: Uint8Array): StagedBody {
    return Buffer.from(bytes);
  }

  discard(body: StagedBody): Awaitable<void> {
    return this.#do("drop a body", () => this.#parts.staged.discard(body));
  }

  write(
    bucket: string,
    key: string,
    record: ObjectRecord,
    body: StagedBody,
    condition: WriteCondition,
  ): Awaitable<WriteOutcome> {
    return this.#do("write an object", () =>
      this.#writer.write(bucket, key, record, body, condition),
    );
  }

  delete(
    bucket: string,
    key: string,
    condition: Pick<WriteCondition, "ifMatch">,
  ): Awaitable<WriteOutcome> {
    return this.#do("delete an object", () => this.#deleter.delete(bucket, key, condition));
  }

  setTags(
    bucket: string,
    key: string,
    tags: readonly Tag[],
  ): Awaitable<"done" | "no-bucket" | "no-key"> {
    return this.#do("tag an object", () => setFileTags(this.#parts, bucket, key, tags));
  }

  list(bucket: string, position: ListPosition): Awaitable<readonly ListedObject[] | "no-bucket"> {
    return this.#do("list objects", () => listFiles(this.#parts, this.#names, bucket, position));
  }

  createUpload(bucket: string, upload: UploadRecord): Awaitable<"done" | "no-bucket"> {
    return this.#do("create an upload", () => this.#uploads.create(bucket, upload));
  }

  upload(
    bucket: string,
    key: string,
    id: string,
  ): Awaitable<UploadRecord | "no-bucket" | "no-upload"> {
    return this.#do("look for an upload", () => this.#uploads.get(bucket, key, id));
  }

  uploads(bucket: string): Awaitable<readonly UploadRecord[] | "no-bucket"> {
    return this.#do("list uploads", () => this.#uploads.list(bucket));
  }

  writePart(
    bucket: string,
    key: string,
    id: string,
    part: PartRecord,
    body: StagedBody,
  ): Awaitable<"done" | "no-upload"> {
    return this.#do("write a part", () => this.#uploads.writePart(bucket, key, id, part, body));
  }

  parts(bucket: string, key: string, id: string): Awaitable<readonly PartRecord[] | "no-upload"> {
    return this.#do("list parts", () => this.#uploads.parts(bucket, key, id));
  }

  completeUpload(
    bucket: string,
    key: string,
    id: string,
    parts: readonly PartRecord[],
    record: ObjectRecord,
    condition: WriteCondition,
  ): Awaitable<WriteOutcome | "no-upload" | "changed"> {
    return this.#do("complete an upload", () =>
      this.#uploads.complete(bucket, key, id, parts, record, condition),
    );
  }

  abortUpload(bucket: string, key: string, id: string): Awaitable<"done" | "no-upload"> {
    return this.#do("abort an upload", () => this.#uploads.abort(bucket, key, id));
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#underWay);
    this.#parts.own.close();
  }

  /** Runs a step: `close` waits for it, and its errors say what it was. */
  #do<T>(doing: string, step: () => Awaitable<T>): Awaitable<T> {
    let result: Awaitable<T>;
    try {
      result = step();
    } catch (error) {
      throw fileFailure(error, doing, this.#parts.place.folder);
    }
    if (!(result instanceof Promise)) return result;
    const settled: Promise<T> = result
      .catch((error: unknown) => {
        throw fileFailure(error, doing, this.#parts.place.folder);
      })
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
    return settled;
  }
}
