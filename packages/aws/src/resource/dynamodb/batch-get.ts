import type { KeysAndAttributes } from "../../../types/dynamodb.d.ts";
import { AbortError } from "../../client/errors.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { CallOptions } from "../../client/options.ts";
import { isFull } from "./answer-bytes.ts";
import { Backoff, type BackoffOptions } from "./backoff.ts";
import { UnprocessedError } from "./batch-errors.ts";
import { isWorthAnother } from "./failed-request.ts";
import { canonicalText, looseText } from "./canonical-value.ts";
import { withTextExpressions } from "./call-with-expressions.ts";
import type { NativeItem, WithExpressions } from "./item-types.ts";

/** Keys of one table, and what is read of their items. */
export type KeysInput = WithExpressions<KeysAndAttributes, "Keys"> & {
  readonly Keys: Iterable<object>;
};

/** Options of `batchGet`. */
export interface BatchGetOptions extends CallOptions {
  /** Requests at once; default 4. */
  readonly concurrency?: number | undefined;
  /** Longest delay before what DynamoDB left unprocessed is asked for again, in milliseconds; default 20,000. */
  readonly maxBackoff?: number | undefined;
  /** Answers in a row that process nothing, after which it gives up; default 15. */
  readonly maxAttempts?: number | undefined;
}

/** What the errors of `batchGet` have; not enumerable. */
export interface PartialItems {
  /** Items that were found before, by table. */
  readonly items: Readonly<Record<string, readonly NativeItem[]>>;
  /** Keys that there was no answer for, by table. */
  readonly unprocessedKeys: Readonly<Record<string, readonly object[]>>;
}

/** Source: DynamoDB API Reference, BatchGetItem. */
const keysMax = 100;

/** A key that is not answered yet. */
interface Wanted {
  readonly table: string;
  readonly key: object;
}

/**
 * Reads items of any number of tables by any number of keys, 100 in a request; equal keys count once.
 * What DynamoDB leaves unprocessed is asked for again, after a delay.
 * @throws what the client throws, and UnprocessedError, each with the items found and the keys left.
 */
export async function batchGet(
  client: DynamoDBNativeClient,
  requests: Readonly<Record<string, KeysInput>>,
  options: BatchGetOptions = {},
  clock: Pick<BackoffOptions, "random" | "wait"> = {},
): Promise<Record<string, NativeItem[]>> {
  const { concurrency = 4, maxBackoff = 20_000, maxAttempts = 15, ...callOptions } = options;
  for (const [name, value] of Object.entries({ concurrency, maxBackoff, maxAttempts })) {
    if (Number.isSafeInteger(value) && value >= 1) continue;
    throw new RangeError(
      `Cannot get items: ${name} must be a whole number from 1: it is "${value}"`,
    );
  }
  const signal = callOptions.signal ?? callOptions.abortSignal;
  const run = new Run(
    client,
    callOptions,
    new Backoff({ maxBackoff, maxAttempts, signal, ...clock }),
  );
  for (const [table, request] of Object.entries(requests)) await run.add(table, request);
  return run.all(concurrency);
}

class Run {
  readonly #client: DynamoDBNativeClient;
  readonly #options: CallOptions;
  readonly #backoff: Backoff;
  /** What a table's requests have beside their keys. */
  readonly #shared: Record<string, object> = Object.create(null) as Record<string, object>;
  readonly #found: Record<string, NativeItem[]> = {};
  #wanted: Wanted[] = [];
  #failure: Error | undefined;

  constructor(client: DynamoDBNativeClient, options: CallOptions, backoff: Backoff) {
    this.#client = client;
    this.#options = options;
    this.#backoff = backoff;
  }

  async add(table: string, { Keys, ...request }: KeysInput): Promise<void> {
    this.#shared[table] = await withTextExpressions(request);
    this.#found[table] = [];
    const seen = new Set<string>();
    for (const key of Keys) {
      const text = canonicalText(key);
      if (!seen.has(text)) this.#wanted.push({ table, key });
      seen.add(text);
    }
  }

  async all(concurrency: number): Promise<Record<string, NativeItem[]>> {
    const lanes = Math.min(concurrency, Math.ceil(this.#wanted.length / keysMax));
    await Promise.all(Array.from({ length: lanes }, () => this.#work()));
    if (this.#failure === undefined) return this.#found;
    Object.defineProperties(this.#failure, {
      items: { value: this.#found, configurable: true },
      unprocessedKeys: { value: this.#left(), configurable: true },
    });
    throw this.#failure;
  }

  /** Never rejects: what fails is the run's. */
  async #work(): Promise<void> {
    while (this.#failure === undefined) {
      await this.#backoff.pause;
      const signal = this.#options.signal ?? this.#options.abortSignal;
      if (signal?.aborted === true) this.#failure ??= new AbortError(signal.reason);
      if (this.#failure !== undefined) return;
      const taken = this.#wanted.splice(0, keysMax);
      // What others may bring back they ask for themselves.
      if (taken.length === 0) return;
      await this.#request(taken);
    }
  }

  async #request(taken: readonly Wanted[]): Promise<void> {
    const { era } = this.#backoff;
    try {
      const input = { RequestItems: this.#requestItems(taken) };
      const output = (await this.#client.call("BatchGetItem", input, this.#options)) as Answer;
      const { Responses = {} } = output;
      for (const [table, items] of Object.entries(Responses)) {
        const found = (this.#found[table] ??= []);
        for (const item of items) found.push(item);
      }
      const left = unprocessedOf(taken, output.UnprocessedKeys ?? {});
      this.#wanted.unshift(...left);
      // What had no room in the answer is asked for at once: DynamoDB is not too busy for it.
      if (left.length === 0 || isFull(Responses)) this.#backoff.succeeded();
      else if (!this.#backoff.failed(era, Math.max(0, 1 - left.length / taken.length))) {
        const { attempts } = this.#backoff;
        this.#fail(
          new UnprocessedError(
            `Cannot get items: DynamoDB left all keys unprocessed ${attempts} times in a row: give the tables more capacity, or raise maxAttempts or maxBackoff`,
            attempts,
          ),
        );
      }
    } catch (error) {
      this.#wanted.unshift(...taken);
      const again = isWorthAnother(error) && this.#backoff.failed(era, 0);
      if (!again) this.#fail(error as Error);
    }
  }

  /** The first failure is the run's; nobody waits any more. */
  #fail(error: Error): void {
    this.#failure ??= error;
    this.#backoff.end();
  }

  #requestItems(taken: readonly Wanted[]): Record<string, object> {
    const items: Record<string, { Keys: object[] }> = {};
    for (const { table, key } of taken) {
      (items[table] ??= { ...this.#shared[table], Keys: [] }).Keys.push(key);
    }
    return items;
  }

  #left(): Record<string, object[]> {
    const left: Record<string, object[]> = {};
    for (const { table, key } of this.#wanted) (left[table] ??= []).push(key);
    return left;
  }
}

interface Answer {
  readonly Responses?: Readonly<Record<string, readonly NativeItem[]>>;
  readonly UnprocessedKeys?: Readonly<Record<string, { readonly Keys?: readonly object[] }>>;
}

/** The caller's own keys are asked for again; what came back of them only if it is none of them. */
function unprocessedOf(
  taken: readonly Wanted[],
  unprocessed: NonNullable<Answer["UnprocessedKeys"]>,
): Wanted[] {
  const left: Wanted[] = [];
  for (const [table, { Keys = [] }] of Object.entries(unprocessed)) {
    const own = new Map<string, Wanted>();
    for (const wanted of taken) if (wanted.table === table) own.set(looseText(wanted.key), wanted);
    for (const key of Keys) left.push(own.get(looseText(key)) ?? { table, key });
  }
  return left;
}
