import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { BatchWrites } from "./batch-writes.ts";
import type { WriteRequest } from "./write-queue.ts";

/** Options of a batch writer. */
export interface BatchWriterOptions<KeyName = string> {
  /** Writes in a request; 1 to 25, DynamoDB's own limit and the default. */
  readonly flushAmount?: number | undefined;
  /**
   * Attributes of the table's key. With them a later write of a key takes the place of an earlier one,
   * and is never overtaken by it.
   */
  readonly overwriteByKeys?: readonly KeyName[] | undefined;
  /** Requests at once; default 1. */
  readonly concurrency?: number | undefined;
  /** Longest delay before what DynamoDB left unprocessed is sent again, in milliseconds; default 20,000. */
  readonly maxBackoff?: number | undefined;
  /** Answers in a row that process nothing, after which it gives up; default 15: a minute or more. */
  readonly maxAttempts?: number | undefined;
  /** Ends it: nothing more is sent, and what is not written is in the error. */
  readonly signal?: AbortSignal | undefined;
}

/** What a batch writer's errors have: the writes that were accepted and are not known to be in the table. */
export interface Unwritten {
  /** Complete as soon as `close` has ended. In a form that `batchWriteItem` takes; not enumerable. */
  readonly unwritten: readonly WriteRequest[];
}

/** Source: DynamoDB API Reference, BatchWriteItem. */
export const writesMax = 25;

/**
 * Writes many items with as few requests as possible. `await put(item)` waits when DynamoDB is slower
 * than its caller; it does not wait until the item is written: `flush` and `close` do.
 *
 * What DynamoDB leaves unprocessed is sent again, before everything else and after a delay. A request
 * that it refuses is sent in parts, so that one bad item keeps no other from being written.
 */
export class BatchWriter<
  Item extends object = object,
  Key extends object = object,
> implements AsyncDisposable {
  readonly #client: DynamoDBNativeClient;
  readonly #tableName: string;
  readonly #options: BatchWriterOptions;
  #loading: Promise<BatchWrites<Item, Key>> | undefined;
  #loaded: BatchWrites<Item, Key> | undefined;

  /** @throws RangeError or TypeError for options that cannot be. */
  constructor(client: DynamoDBNativeClient, tableName: string, options: BatchWriterOptions = {}) {
    checkOptions(options);
    this.#client = client;
    this.#tableName = tableName;
    this.#options = options;
  }

  /**
   * Accepts an item, to be put. Resolves when there is room for the next; then the item may be changed,
   * except for its bytes. Rejects when an earlier write has failed: then this one is not accepted.
   */
  put(item: Item): Promise<void> {
    return this.#loaded?.put(item) ?? this.#load().then((writes) => writes.put(item));
  }

  /** As `put`, for the deletion of the item with this key. */
  delete(key: Key): Promise<void> {
    return this.#loaded?.delete(key) ?? this.#load().then((writes) => writes.delete(key));
  }

  /**
   * Sends everything that was accepted, and waits until it is written.
   * @throws the first error, with what could not be written as `unwritten`.
   */
  flush(): Promise<void> {
    return this.#load().then((writes) => writes.flush());
  }

  /**
   * Takes no more writes, and waits until all are written.
   * @throws the first error, with what could not be written as `unwritten`, also when it was thrown before.
   */
  close(): Promise<void> {
    return this.#load().then((writes) => writes.close());
  }

  /**
   * As `close`; an error that a `put`, `delete` or `flush` has rejected with is not thrown again. Its
   * `unwritten` is complete afterwards.
   */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#load().then((writes) => writes[Symbol.asyncDispose]());
  }

  /** What writes is loaded with the first write. */
  #load(): Promise<BatchWrites<Item, Key>> {
    if (this.#loading !== undefined) return this.#loading;
    this.#loading = import("./batch-writes.ts").then(
      (code) => new code.BatchWrites(this.#client, this.#tableName, this.#options),
    );
    // Before the writes that wait for the code take their turns, so that none overtakes them.
    void this.#loading.then((writes) => {
      this.#loaded = writes;
    }, ignored);
    return this.#loading;
  }
}

function checkOptions(options: BatchWriterOptions): void {
  checkNumber("flushAmount", options.flushAmount, writesMax);
  checkNumber("concurrency", options.concurrency);
  checkNumber("maxAttempts", options.maxAttempts);
  checkNumber("maxBackoff", options.maxBackoff);
  if (options.overwriteByKeys?.length === 0) {
    throw new TypeError("Cannot make a batch writer: overwriteByKeys names no attribute");
  }
}

function checkNumber(name: string, value = 1, max = Number.MAX_SAFE_INTEGER): void {
  if (Number.isSafeInteger(value) && value >= 1 && value <= max) return;
  const range = max === writesMax ? `from 1 to ${max}` : "from 1";
  throw new RangeError(
    `Cannot make a batch writer: ${name} must be a whole number ${range}: it is "${value}"`,
  );
}

/** Whoever writes hears of it. */
function ignored(): void {}
