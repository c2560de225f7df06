import type { CallOptions } from "../../client/options.ts";

/** Where the items of a collection come from. */
export interface CollectionSource<Item, Params extends object> {
  /** What it lists, for errors: `objects`. */
  readonly name: string;
  /** The parameter that sets how many items a page has. */
  readonly limitKey: keyof Params & string;
  /** Asks for pages as they are taken. */
  pages(params: Params, options: CallOptions): AsyncIterable<readonly Item[]>;
}

/** What a collection was told by its methods. */
export interface CollectionQuery<Params extends object> {
  readonly params: Params;
  readonly options: CallOptions;
  readonly limit?: number | undefined;
  readonly pageSize?: number | undefined;
}

/**
 * What S3 lists, as resources. Nothing is asked for before it is iterated, and each iteration asks
 * anew; every method gives another collection and leaves this one as it is.
 */
export class Collection<Item, Params extends object> implements AsyncIterable<Item> {
  readonly #source: CollectionSource<Item, Params>;
  readonly #query: CollectionQuery<Params>;

  constructor(
    source: CollectionSource<Item, Params>,
    query: CollectionQuery<Params> = { params: {} as Params, options: {} },
  ) {
    this.#source = source;
    this.#query = query;
  }

  /** Everything that this collection lists. */
  all(options?: CallOptions): this {
    return this.#with({ options: { ...this.#query.options, ...options } });
  }

  /** Parameters of the listing (`{ Prefix }`), over those of earlier calls. */
  filter(params: Params, options?: CallOptions): this {
    const query = this.#query;
    return this.#with({
      params: { ...query.params, ...params },
      options: { ...query.options, ...options },
    });
  }

  /** At most so many items in all. @throws RangeError */
  limit(count: number): this {
    return this.#with({ limit: this.#checked("limit", count, 0) });
  }

  /** Items per request; S3 gives at most 1,000, its default. @throws RangeError */
  pageSize(count: number): this {
    return this.#with({ pageSize: this.#checked("pageSize", count, 1) });
  }

  /**
   * Pages as S3 gives them.
   * @yields the items of one request; there may be none
   */
  async *pages(): AsyncGenerator<Item[], void, undefined> {
    const { limit = Number.POSITIVE_INFINITY, options } = this.#query;
    if (limit === 0) return;
    let left = limit;
    for await (const page of this.#source.pages(this.#params(), options)) {
      yield page.slice(0, left);
      left -= page.length;
      if (left <= 0) return;
    }
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Item, void, undefined> {
    // One by one: `yield*` would wait for each item several times.
    for await (const page of this.pages()) for (const item of page) yield item;
  }

  /** All items in one list. */
  async toArray(): Promise<Item[]> {
    const items: Item[] = [];
    for await (const page of this.pages()) items.push(...page);
    return items;
  }

  /** Options of the calls that list. */
  protected get options(): CallOptions {
    return this.#query.options;
  }

  /**
   * A page need not be larger than what is wanted in all; but where folders count as well
   * (`Delimiter`), a small one might have nothing else.
   */
  #params(): Params {
    const { params, limit = 1_000, pageSize } = this.#query;
    const { limitKey } = this.#source;
    const size = pageSize ?? (limit < 1_000 && !("Delimiter" in params) ? limit : undefined);
    if (size === undefined || (pageSize === undefined && params[limitKey] !== undefined)) {
      return params;
    }
    return { ...params, [limitKey]: size };
  }

  #with(changes: Partial<CollectionQuery<Params>>): this {
    const Same = this.constructor as new (
      source: CollectionSource<Item, Params>,
      query: CollectionQuery<Params>,
    ) => this;
    return new Same(this.#source, { ...this.#query, ...changes });
  }

  #checked(method: string, count: number, least: number): number {
    if (Number.isSafeInteger(count) && count >= least) return count;
    throw new RangeError(
      `Cannot list ${this.#source.name}: ${method}(${count}) needs a whole number from ${least}`,
    );
  }
}
