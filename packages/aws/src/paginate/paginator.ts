import type { PaginateOptions, Paginator } from "../client/client-types.ts";
import type { CallOptions } from "../client/options.ts";
import type { PaginatorModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { PageWalk } from "./page-walk.ts";

/** An operation that comes in pages. */
export interface PagedOperation {
  /** Its name, for errors: `ListObjectsV2`. */
  readonly name: string;
  readonly model: PaginatorModel;
  /** The member of the limit is text (`MaxItems` of Route 53). */
  readonly limitIsText?: boolean | undefined;
  call(input: Input, options: CallOptions): Promise<Output>;
}

/**
 * The pages of an operation. Nothing is sent before they are iterated; each iteration begins anew.
 * A starting token that is damaged is refused by then, with a TypeError.
 * @throws TypeError or RangeError for options that the operation cannot have.
 */
export function paginate(
  operation: PagedOperation,
  input: Input = {},
  options: PaginateOptions = {},
): Paginator<Output> {
  const { pageSize, limit } = options;
  for (const [name, value] of Object.entries({ pageSize, limit })) {
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0)) {
      throw new RangeError(
        `Cannot paginate ${operation.name}: ${name} "${value}" is no whole number above 0`,
      );
    }
  }
  const { limitKey } = operation.model;
  if (pageSize !== undefined && limitKey === undefined) {
    throw new TypeError(
      `Cannot paginate ${operation.name}: it has no limit that "pageSize" could set`,
    );
  }
  const base: Record<string, unknown> = { ...input };
  if (pageSize !== undefined && limitKey !== undefined) {
    base[limitKey] = operation.limitIsText === true ? String(pageSize) : pageSize;
  }
  return new Pages(operation, base, options);
}

class Pages implements Paginator<Output> {
  readonly #operation: PagedOperation;
  readonly #base: Input;
  readonly #options: PaginateOptions;
  /** The iteration that began last. */
  #walk: PageWalk | undefined;

  constructor(operation: PagedOperation, base: Input, options: PaginateOptions) {
    this.#operation = operation;
    this.#base = base;
    this.#options = options;
  }

  get resumeToken(): string | undefined {
    return this.#walk?.resumeToken;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Output, void, undefined> {
    const walk = await this.#begin();
    yield* walk.pages();
  }

  async *items(key?: string): AsyncGenerator<unknown, void, undefined> {
    const walk = await this.#begin();
    const itemsOf = walk.itemsOf(key);
    for await (const page of walk.pages()) yield* itemsOf(page);
  }

  async all(): Promise<unknown[]> {
    const all: unknown[] = [];
    const walk = await this.#begin();
    const itemsOf = walk.itemsOf();
    for await (const page of walk.pages()) for (const item of itemsOf(page)) all.push(item);
    return all;
  }

  /** The code of pages is loaded when they are iterated, not when a client is made. */
  async #begin(): Promise<PageWalk> {
    const code = await import("./page-walk.ts");
    this.#walk = new code.PageWalk(this.#operation, this.#base, this.#options);
    return this.#walk;
  }
}
