import type { PaginateOptions, Paginator } from "../../client/client-types.ts";
import type { DynamoDBNativeClient } from "../../client/native-client.ts";
import type { CallOptions } from "../../client/options.ts";
import { withTextExpressions } from "./call-with-expressions.ts";
import type { TypedOutput } from "./item-types.ts";

/** A page of a query or a scan. It may be empty: filters are applied after a page is read. */
export type ItemPage<Item extends object> = TypedOutput<"query", "Items"> & {
  readonly Items?: Item[] | undefined;
};

/** What is listed. */
export interface ItemSource {
  readonly client: DynamoDBNativeClient;
  readonly method: "query" | "scan";
  readonly input: Readonly<Record<string, unknown>>;
  readonly options: PaginateOptions;
  /** Parts that a scan is split into. */
  readonly segments?: number | undefined;
}

/**
 * The items that a query or a scan finds. Nothing is sent before they are iterated; pages are asked for
 * as they are used, and each iteration begins anew.
 */
export class ItemPages<Item extends object> implements AsyncIterable<Item> {
  readonly #source: ItemSource;
  #paginator: Paginator<ItemPage<Item>> | undefined;

  constructor(source: ItemSource) {
    this.#source = source;
  }

  /** After an iteration that `limit` has ended: where the next can go on, as its `startingToken`. */
  get resumeToken(): string | undefined {
    return this.#paginator?.resumeToken;
  }

  /** The items of all pages; those of a parallel scan in any order. */
  items(): AsyncGenerator<Item, void, undefined> {
    return this[Symbol.asyncIterator]();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    for await (const { Items = [] } of this.pages()) yield* Items;
  }

  // Pages as DynamoDB gives them: `Items`, `Count`, `ScannedCount`, `LastEvaluatedKey` and more.
  async *pages(): AsyncGenerator<ItemPage<Item>, void, undefined> {
    yield* this.#pages(this.#source.input);
  }

  /** All items in one list. */
  async all(): Promise<Item[]> {
    const all: Item[] = [];
    for await (const { Items = [] } of this.pages()) for (const item of Items) all.push(item);
    return all;
  }

  /** How many items there are. DynamoDB reads them all, and sends none. */
  async count(): Promise<number> {
    const { input, options } = this.#source;
    const { limit = Number.POSITIVE_INFINITY, startingToken } = options;
    const { countInput, itemsBefore } = await import("./count-input.ts");
    let before = itemsBefore(startingToken);
    let count = 0;
    for await (const page of this.#pages(countInput(input))) {
      count += Math.max(0, (page.Count ?? 0) - before);
      before = 0;
      if (count >= limit) return limit;
    }
    return count;
  }

  async *#pages(
    given: Readonly<Record<string, unknown>>,
  ): AsyncGenerator<ItemPage<Item>, void, undefined> {
    const { options, segments } = this.#source;
    const input = await withTextExpressions(given);
    if (segments !== undefined) {
      const { parallelPages } = await import("./parallel-scan.ts");
      yield* parallelPages(segments, options, (segment, callOptions) =>
        this.#paginate({ ...input, Segment: segment, TotalSegments: segments }, callOptions),
      );
      return;
    }
    this.#paginator = this.#paginate(input, options);
    yield* this.#paginator;
  }

  #paginate(input: object, options: PaginateOptions | CallOptions): Paginator<ItemPage<Item>> {
    const { client, method } = this.#source;
    const paginate = client.paginate[method] as (...parameters: unknown[]) => unknown;
    return paginate(input, options) as Paginator<ItemPage<Item>>;
  }
}
