import { AbortError } from "../../client/errors.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { UnprocessedError } from "./batch-errors.ts";
import { isOfOneWrite, isWorthAnother } from "./failed-request.ts";
import { canonicalText, keyText, keyValue, looseText } from "./canonical-value.ts";
import { type BatchWriterOptions, writesMax } from "./batch-writer.ts";
import { snapshot } from "./snapshot.ts";
import { type Write, WriteQueue, type WriteRequest } from "./write-queue.ts";

/** Source: DynamoDB API Reference, BatchWriteItem: 16 MB. */
const requestBytesMax = 16 * 1024 * 1024 - 4096;
/** Bytes that wait before `put` does. */
const waitingBytesHigh = 32 * 1024 * 1024;
/** Writes, and bytes, beyond which `put` refuses: nobody waits for it. */
const unawaitedWritesMax = 10_000;
const unawaitedBytesMax = 128 * 1024 * 1024;
/** Writes that DynamoDB may refuse before the writer gives all others up. */
const refusedMax = 25;

const settled = Promise.resolve();

/**
 * Writes many items with as few requests as possible. `await put(item)` waits when DynamoDB is slower
 * than its caller; it does not wait until the item is written: `flush` and `close` do.
 *
 * What DynamoDB leaves unprocessed is sent again, before everything else and after a delay. A request
 * that it refuses is sent in parts, so that one bad item keeps no other from being written.
 */
export class BatchWrites<
  Item extends object = object,
  Key extends object = object,
> implements AsyncDisposable {
  readonly #client: DynamoDBNativeClient;
  readonly #tableName: string;
  readonly #keyNames: readonly string[] | undefined;
  readonly #concurrency: number;
  readonly #writesHigh: number;
  readonly #signal: AbortSignal | undefined;
  readonly #queue: WriteQueue;
  readonly #backoff: Backoff;
  readonly #unwritten: WriteRequest[] = [];
  /** Calls of `put` that wait until there is room. */
  #waiting: (() => void)[] = [];
  #flushes: Flush[] = [];
  #requests = 0;
  #refused = 0;
  #failure: { readonly error: Error; readonly isFinal: boolean; wasThrown: boolean } | undefined;
  #closed: Promise<void> | undefined;

  /** @param options as `BatchWriter` has checked them. */
  constructor(
    client: DynamoDBNativeClient,
    tableName: string,
    options: BatchWriterOptions = {},
    clock: Pick<BackoffOptions, "random" | "wait"> = {},
  ) {
    const { flushAmount = writesMax, concurrency = 1, maxBackoff = 20_000 } = options;
    const { maxAttempts = 15, overwriteByKeys, signal } = options;
    this.#client = client;
    this.#tableName = tableName;
    this.#keyNames = overwriteByKeys;
    this.#concurrency = concurrency;
    this.#writesHigh = flushAmount * (concurrency + 1);
    this.#signal = signal;
    this.#queue = new WriteQueue({ writes: flushAmount, bytes: requestBytesMax });
    this.#backoff = new Backoff({ maxBackoff, maxAttempts, signal, ...clock });
    if (signal?.aborted === true) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  /**
   * Accepts an item, to be put. The item may be changed afterwards, except for its bytes. Resolves when
   * there is room for the next; rejects when an earlier write has failed: then this one is not accepted.
   */
  put(item: Item): Promise<void> {
    return this.#accept("put", item, (Item) => ({ PutRequest: { Item } }));
  }

  /** As `put`, for the deletion of the item with this key. */
  delete(key: Key): Promise<void> {
    return this.#accept("delete", key, (Key) => ({ DeleteRequest: { Key } }));
  }

  /**
   * Sends everything that was accepted, and waits until it is written.
   * @throws the first error, with what could not be written as `unwritten`.
   */
  flush(): Promise<void> {
    const done = new Promise<void>((resolve, reject) => {
      this.#flushes.push({ resolve, reject, upTo: this.#queue.lastSequence });
    });
    this.#move();
    return done;
  }

  /**
   * Takes no more writes, and waits until all are written.
   * @throws the first error, with what could not be written as `unwritten`, also when it was thrown before.
   */
  close(): Promise<void> {
    this.#closed ??= this.flush().finally(() =>
      this.#signal?.removeEventListener("abort", this.#onAbort),
    );
    return this.#closed;
  }

  /**
   * As `close`; an error that a `put`, `delete` or `flush` has rejected with is not thrown again. Its
   * `unwritten` is complete afterwards.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    const wasThrown = this.#failure?.wasThrown === true;
    try {
      await this.close();
    } catch (error) {
      if (!wasThrown) throw error;
    }
  }

  #accept<T extends object>(
    verb: "put" | "delete",
    value: T,
    requestOf: (value: T) => WriteRequest,
  ): Promise<void> {
    try {
      this.#checkOpen(verb);
      if (typeof value !== "object" || value === null) {
        throw new TypeError(`Cannot ${verb}: "${String(value)}" is no object`);
      }
      const { value: copy, bytes } = snapshot(value);
      const names = this.#keyNames;
      this.#queue.add(
        requestOf(copy),
        bytes,
        names === undefined ? undefined : keyText(copy, names),
      );
    } catch (error) {
      return Promise.reject(error);
    }
    this.#send();
    if (!this.#isFull()) return settled;
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #checkOpen(verb: string): void {
    if (this.#failure !== undefined) {
      this.#failure.wasThrown = true;
      throw this.#failure.error;
    }
    if (this.#closed !== undefined) {
      throw new TypeError(`Cannot ${verb}: the batch writer is closed`);
    }
    const { size, waitingBytes } = this.#queue;
    if (size < unawaitedWritesMax && waitingBytes < unawaitedBytesMax) return;
    throw new RangeError(
      `Cannot ${verb}: ${size} writes of ${waitingBytes} bytes wait to be sent: await each put and delete`,
    );
  }

  #isFull(): boolean {
    const { size, waitingBytes } = this.#queue;
    return size >= this.#writesHigh || waitingBytes >= waitingBytesHigh;
  }

  /** Starts the requests that are due. */
  #send(): void {
    if (this.#backoff.pause !== undefined || this.#failure?.isFinal === true) return;
    while (this.#requests < this.#concurrency) {
      const writes = this.#queue.take(this.#flushes.length > 0);
      if (writes === undefined) return;
      this.#requests += 1;
      void this.#request(writes);
    }
  }

  async #request(writes: readonly Write[]): Promise<void> {
    const { era } = this.#backoff;
    try {
      const RequestItems = { [this.#tableName]: writes.map(({ request }) => request) };
      const input = { RequestItems } as unknown as BatchWriteItemInput;
      const { UnprocessedItems } = await this.#client.batchWriteItem(
        input,
        this.#signal === undefined ? undefined : { signal: this.#signal },
      );
      // All are of this table, whatever the server calls it: it may have been given by its ARN.
      this.#ended(writes, Object.values(UnprocessedItems ?? {}).flat(), era);
    } catch (error) {
      this.#failed(writes, error as Error, era);
    }
    this.#requests -= 1;
    this.#move();
  }

  #ended(writes: readonly Write[], returned: readonly object[], era: number): void {
    const left = unprocessedOf(writes, returned, this.#keyNames);
    if (left.length === 0) this.#backoff.succeeded();
    else if (!this.#backoff.failed(era, 1 - left.length / writes.length)) {
      const { attempts } = this.#backoff;
      this.#fail(
        new UnprocessedError(
          `Cannot write to table "${this.#tableName}": DynamoDB left everything unprocessed ${attempts} times in a row: give the table more capacity, or raise maxAttempts or maxBackoff`,
          attempts,
        ),
      );
    }
    this.#queue.end(writes, left);
  }

  #failed(writes: readonly Write[], error: Error, era: number): void {
    if (this.#signal?.aborted !== true && isWorthAnother(error)) {
      if (!this.#backoff.failed(era, 0)) this.#fail(error);
      this.#queue.end(writes, writes);
    } else if (!isOfOneWrite(error)) {
      this.#fail(error);
      this.#queue.end(writes, writes);
    } else if (writes.length > 1) {
      this.#queue.split(writes);
    } else {
      this.#refused += 1;
      this.#queue.end(writes, []);
      this.#unwritten.push(...writes.map(({ request }) => request));
      this.#fail(error, this.#refused > refusedMax);
    }
  }

  /** The first failure is the writer's. One that is not final lets everything be sent that was accepted. */
  #fail(error: Error, isFinal = true): void {
    if (this.#failure === undefined) {
      Object.defineProperty(error, "unwritten", { value: this.#unwritten, configurable: true });
    }
    if (isFinal) this.#backoff.end();
    const { error: first = error, wasThrown = false } = this.#failure ?? {};
    this.#failure = {
      error: first,
      isFinal: isFinal || this.#failure?.isFinal === true,
      wasThrown,
    };
  }

  readonly #onAbort = (): void => {
    this.#fail(new AbortError(this.#signal?.reason));
    this.#move();
  };

  /** Something has changed: sends what is due, and tells those who wait. */
  #move(): void {
    if (this.#failure?.isFinal === true) {
      this.#unwritten.push(...this.#queue.clear().map(({ request }) => request));
    }
    this.#send();
    void this.#backoff.pause?.then(() => this.#send());
    this.#tellPuts();
    this.#tellFlushes();
  }

  #tellPuts(): void {
    if (this.#waiting.length === 0) return;
    if (this.#failure === undefined && this.#isFull()) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    // They were accepted: a failure is for the next one to hear, and for `flush` and `close`.
    for (const resolve of waiting) resolve();
  }

  #tellFlushes(): void {
    if (this.#flushes.length === 0) return;
    const oldest = this.#queue.oldestSequence;
    const due = this.#flushes.filter(({ upTo }) => upTo < oldest);
    if (due.length === 0) return;
    this.#flushes = this.#flushes.filter(({ upTo }) => upTo >= oldest);
    if (this.#failure !== undefined) this.#failure.wasThrown = true;
    for (const { resolve, reject } of due) {
      if (this.#failure === undefined) resolve();
      else reject(this.#failure.error);
    }
  }
}

type BatchWriteItemInput = Parameters<DynamoDBNativeClient["batchWriteItem"]>[0];

interface Flush {
  /** Number of the last write that it waits for. */
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

/**
 * Which writes of a request DynamoDB has sent back. The caller's own values are sent again, not what
 * came back: `numbers: "number"` may have rounded that.
 */
function unprocessedOf(
  writes: readonly Write[],
  returned: readonly object[],
  keyNames: readonly string[] | undefined,
): readonly Write[] {
  if (returned.length === 0 || returned.length >= writes.length) {
    return returned.length === 0 ? [] : writes;
  }
  const texts = new Set(returned.map((request) => textOf(request as WriteRequest, keyNames)));
  const found = writes.filter(({ request }) => texts.has(textOf(request, keyNames)));
  // What cannot be told apart is all sent again: nothing is lost by that.
  return found.length === returned.length ? found : writes;
}

function textOf(request: WriteRequest, keyNames: readonly string[] | undefined): string {
  if (keyNames === undefined) return canonicalText(request);
  const item = request.PutRequest?.Item ?? request.DeleteRequest?.Key ?? {};
  return looseText(Object.fromEntries(keyNames.map((name) => [name, keyValue(item, name)])));
}
