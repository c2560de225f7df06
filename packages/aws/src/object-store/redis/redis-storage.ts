import { collectBody } from "../collect-body.ts";
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
import { StoreFailure } from "../store-errors.ts";
import { decideCondition } from "./foreign-value.ts";
import { listIndex } from "./list-index.ts";
import { hasValues, listScan } from "./list-scan.ts";
import type { RedisClient, RedisReply } from "./load-redis.ts";
import { deleteScript, outcomes, setTagsScript, writeScript } from "./object-scripts.ts";
import { readAtOnce, readMany, readObject, readValue } from "./read-object.ts";
import { createBucket, deleteBucket, findBucket, listBuckets } from "./redis-buckets.ts";
import type { RedisConnection } from "./redis-connection.ts";
import { newVersion, stagingKey, valueKey } from "./redis-keys.ts";
import { recordText, tagsText } from "./redis-record.ts";
import { runScript } from "./redis-script.ts";
import {
  abortUpload,
  assembleParts,
  createUpload,
  findUpload,
  keepPart,
  listParts,
  listUploads,
  partText,
} from "./redis-uploads.ts";
import { TickBatch } from "./tick-batch.ts";
import { completeScript } from "./upload-scripts.ts";
import { type ObjectWrite, stageValue, writeMany, type WriteSettings } from "./write-many.ts";

/** What Redis allows a value to be. */
const maxValueBytes = 512 * 1024 * 1024;
type Found = StoredObject | "no-bucket" | "no-key";

/** Objects that are read together. */
const readsMax = 64;
/** Objects that are written together. With more, Redis waits for all of them before it begins. */
const writesMax = 32;
/** Bytes up to which an object is written among others. */
const batchedBytes = 256 * 1024;
/** Answers of `completeScript` beside `outcomes`. */
const noUpload = 5;
const changed = 6;

/** A store in a Redis. Keys and what they hold: aws-client.md §15.2; the Python facade reads and writes them. */
export class RedisStorage implements ObjectStorage {
  readonly url: string;
  readonly maxObjectBytes: number = maxValueBytes;
  readonly #connection: RedisConnection;
  readonly #hasIndex: boolean;
  readonly #settings: WriteSettings;
  readonly #reads: TickBatch<string, Found>;
  readonly #writes: TickBatch<ObjectWrite, WriteOutcome>;

  constructor(connection: RedisConnection) {
    const { shown, hasIndex, ttlMs } = connection.target;
    this.url = shown;
    this.#connection = connection;
    this.#hasIndex = hasIndex;
    this.#settings = {
      mode: hasIndex ? "index" : "scan",
      ttl: ttlMs === undefined ? "" : String(ttlMs),
    };
    this.#reads = new TickBatch(
      readsMax,
      (failure) => connection.explain(failure, "read"),
      (values) => this.#readMany(values),
    );
    this.#writes = new TickBatch(
      writesMax,
      (failure) => connection.explain(failure, "write"),
      (writes) => this.#writeMany(writes),
    );
  }

  createBucket(name: string, created: number): Promise<"done" | "exists"> {
    return this.#connection.use("write", (client) => createBucket(client, name, created));
  }

  deleteBucket(name: string): Promise<"done" | "no-bucket" | "not-empty"> {
    return this.#connection.use("write", async (client) => {
      if (!this.#hasIndex && (await hasValues(client, name, this.#progressed))) {
        return (await findBucket(client, name)) === undefined ? "no-bucket" : "not-empty";
      }
      return await deleteBucket(client, name);
    });
  }

  bucket(name: string): Promise<StoredBucket | undefined> {
    return this.#connection.use("read", (client) => findBucket(client, name));
  }

  buckets(): Promise<readonly StoredBucket[]> {
    return this.#connection.use("read", listBuckets);
  }

  read(bucket: string, key: string, { body }: ReadOptions): Promise<Found> {
    const value = valueKey(bucket, key);
    if (this.#hasIndex && body === "whole") return this.#reads.add(value);
    return this.#connection.use("read", (client) =>
      this.#hasIndex && body !== "whole"
        ? readObject(client, value, body)
        : readAtOnce(client, value, body),
    );
  }

  stage(pieces: AsyncIterable<Uint8Array>): Promise<StagedBody> {
    return collectBody(bounded(pieces, this));
  }

  stageBytes(bytes: Uint8Array): StagedBody {
    if (bytes.length > maxValueBytes) throw tooLarge(this);
    return Buffer.from(bytes);
  }

  discard(): void {
    // The collector has it.
  }

  write(
    bucket: string,
    key: string,
    record: ObjectRecord,
    body: StagedBody,
    condition: WriteCondition,
  ): Promise<WriteOutcome> {
    const value = valueKey(bucket, key);
    const isPlain = condition.ifMatch === undefined && condition.ifNone !== true;
    const write = { value, record, body: body as Buffer };
    if (isPlain && record.size <= batchedBytes) return this.#writes.add(write);
    return this.#writeAlone(write, condition);
  }

  #writeAlone(
    { value, record, body }: ObjectWrite,
    condition: WriteCondition,
  ): Promise<WriteOutcome> {
    return this.#connection.use("write", async (client) => {
      const staged = stagingKey(newVersion());
      const args = ["2", value, staged, ...this.#recordArguments(record)];
      const decide = (guard: string): Promise<RedisReply> =>
        runScript(client, writeScript, [...args, conditionText(condition), guard]);
      // Both are sent at once. What the script needs is there, or it does nothing.
      const [, outcome] = await Promise.all([
        stageValue(client, staged, body),
        decideWrite(client, value, condition, decide, staged),
      ]);
      return outcomeOf(outcome);
    });
  }

  async #readMany(values: readonly string[]): Promise<Awaitable<Found>[]> {
    const found = await this.#connection.attempt((client) => readMany(client, values));
    return found.map((object, i) => object ?? this.#readAlone(values[i] ?? ""));
  }

  #readAlone(value: string): Promise<Found> {
    return this.#connection.use("read", (client) => readAtOnce(client, value, "whole"));
  }

  async #writeMany(writes: readonly ObjectWrite[]): Promise<Awaitable<WriteOutcome>[]> {
    const settings = this.#settings;
    const made = await this.#connection.attempt((client) => writeMany(client, writes, settings));
    return writes.map((write, i) => {
      const outcome = made[i] ?? -1;
      // One that has failed among others is made once more, to see why.
      return outcome >= 0 ? outcomeOf(outcome) : this.#writeAlone(write, {});
    });
  }

  delete(
    bucket: string,
    key: string,
    condition: Pick<WriteCondition, "ifMatch">,
  ): Promise<WriteOutcome> {
    const value = valueKey(bucket, key);
    return this.#connection.use("write", async (client) => {
      const outcome = await decideWrite(client, value, condition, (guard) =>
        runScript(client, deleteScript, ["1", value, conditionText(condition), guard]),
      );
      return outcomeOf(outcome);
    });
  }

  setTags(
    bucket: string,
    key: string,
    tags: readonly Tag[],
  ): Promise<"done" | "no-bucket" | "no-key"> {
    const args = ["1", valueKey(bucket, key), tagsText(tags)];
    return this.#connection.use("write", async (client) => {
      const outcome = outcomeOf((await runScript(client, setTagsScript, args)) as number);
      return outcome as "done" | "no-bucket" | "no-key";
    });
  }

  list(bucket: string, position: ListPosition): Promise<readonly ListedObject[] | "no-bucket"> {
    return this.#connection.use("read", (client) =>
      this.#hasIndex
        ? listIndex(client, bucket, position)
        : listScan(client, bucket, position, this.#progressed),
    );
  }

  createUpload(bucket: string, upload: UploadRecord): Promise<"done" | "no-bucket"> {
    return this.#connection.use("write", (client) => createUpload(client, bucket, upload));
  }

  upload(
    bucket: string,
    key: string,
    id: string,
  ): Promise<UploadRecord | "no-bucket" | "no-upload"> {
    return this.#connection.use("read", (client) => findUpload(client, bucket, key, id));
  }

  uploads(bucket: string): Promise<readonly UploadRecord[] | "no-bucket"> {
    return this.#connection.use("read", (client) => listUploads(client, bucket));
  }

  writePart(
    bucket: string,
    key: string,
    id: string,
    part: PartRecord,
    body: StagedBody,
  ): Promise<"done" | "no-upload"> {
    return this.#connection.use("write", async (client) => {
      const staged = stagingKey(newVersion());
      const [, kept] = await Promise.all([
        stageValue(client, staged, body as Buffer),
        keepPart(client, staged, { bucket, key, id, part }),
      ]);
      return kept === 1 ? "done" : "no-upload";
    });
  }

  parts(bucket: string, key: string, id: string): Promise<readonly PartRecord[] | "no-upload"> {
    return this.#connection.use("read", (client) => listParts(client, bucket, key, id));
  }

  completeUpload(
    bucket: string,
    key: string,
    id: string,
    parts: readonly PartRecord[],
    record: ObjectRecord,
    condition: WriteCondition,
  ): Promise<WriteOutcome | "no-upload" | "changed"> {
    if (record.size > maxValueBytes) return Promise.reject(tooLarge(this));
    return this.#connection.use("write", async (client) => {
      const value = valueKey(bucket, key);
      const staged = stagingKey(newVersion());
      const own = ["2", value, staged, ...this.#recordArguments(record)];
      const named = parts.flatMap((part) => [String(part.number), partText(part)]);
      if (record.size === 0) await stageValue(client, staged, Buffer.alloc(0));
      if (!(await assembleParts(client, staged, id, parts, this.#progressed))) {
        const upload = await findUpload(client, bucket, key, id);
        return typeof upload === "string" ? upload : "changed";
      }
      const complete = (guard: string): Promise<RedisReply> => {
        const args = [...own, conditionText(condition), guard, id, ...named];
        return runScript(client, completeScript, args);
      };
      const outcome = await decideWrite(client, value, condition, complete, staged);
      if (outcome === noUpload) return "no-upload";
      return outcome === changed ? "changed" : outcomeOf(outcome);
    });
  }

  abortUpload(bucket: string, key: string, id: string): Promise<"done" | "no-upload"> {
    return this.#connection.use("write", (client) => abortUpload(client, bucket, key, id));
  }

  async close(): Promise<void> {
    // What was asked for in this turn of the event loop is on its way then.
    await new Promise<void>((resolve) => process.nextTick(resolve));
    await this.#connection.close();
  }

  readonly #progressed = (): void => this.#connection.progressed();

  /** The first three arguments of scripts that write an object. */
  #recordArguments(record: ObjectRecord): string[] {
    return [recordText(record), this.#settings.ttl, this.#settings.mode];
  }
}

/** A condition as scripts take it. */
function conditionText({ ifMatch, ifNone }: WriteCondition): string {
  if (ifNone === true) return ifMatch === undefined ? "!" : "!!";
  if (ifMatch === undefined) return "";
  return ifMatch === "*" ? "*" : `=${ifMatch}`;
}

/**
 * Runs a script that decides a condition.
 * @param staged bytes that the script would have used; they go when it is not it that decides
 * @throws StoreFailure when others write all the time
 */
async function decideWrite(
  client: RedisClient,
  value: string,
  { ifMatch }: WriteCondition,
  run: (guard: string) => Promise<RedisReply>,
  staged?: string,
): Promise<number> {
  if (ifMatch === undefined) return (await run("")) as number;
  const outcome = await decideCondition(
    ifMatch,
    async (guard) => (await run(guard)) as number,
    () => readValue(client, value),
  );
  if (staged !== undefined && outcome !== outcomes.done) await client.sendCommand(["DEL", staged]);
  if (outcome !== outcomes.unknown) return outcome;
  throw new StoreFailure("ServiceUnavailable", {
    message: "Cannot decide the condition: others write the object all the time; try again",
  });
}

function outcomeOf(outcome: number): WriteOutcome {
  if (outcome === outcomes.done) return "done";
  if (outcome === outcomes.noBucket) return "no-bucket";
  return outcome === outcomes.noKey ? "no-key" : "condition";
}

function tooLarge({ url, maxObjectBytes }: ObjectStorage): StoreFailure {
  return new StoreFailure("EntityTooLarge", {
    message: `The object is larger than ${maxObjectBytes} bytes, which is all that a value in Redis ("${url}") can be; large objects belong into another store`,
    members: { MaxSizeAllowed: String(maxObjectBytes) },
  });
}

/**
 * Stops as soon as it is too much.
 * @yields the pieces as they are
 */
async function* bounded(
  pieces: AsyncIterable<Uint8Array>,
  storage: ObjectStorage,
): AsyncGenerator<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > storage.maxObjectBytes) throw tooLarge(storage);
    yield piece;
  }
}
