import type { PaginateOptions, Paginator } from "../client/client-types.ts";
import { PaginationError } from "../client/errors.ts";
import type { CallOptions } from "../client/options.ts";
import type { Expression } from "../expression/compile-expression.ts";
import { equalValues, isTrue } from "../expression/values.ts";
import type { PaginatorModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { CompiledPaginator } from "./compiled-paginator.ts";
import { emptied, itemCount, itemsOf, setAt, sliceItems } from "./page-items.ts";
import { decodePlace, encodePlace, type PagePlace } from "./page-token.ts";
import { PageRequests } from "./page-requests.ts";

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
 * @throws TypeError or RangeError for options that the operation cannot have.
 */
export function paginate(
  operation: PagedOperation,
  input: Input = {},
  options: PaginateOptions = {},
): Paginator<Output> {
  const { pageSize, limit, startingToken } = options;
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
  // An empty token is none, as at the end of the pages.
  const place =
    startingToken === undefined || startingToken === ""
      ? undefined
      : decodePlace(startingToken, operation.model.inputTokens.length);
  return new Pages(operation, base, place, options);
}

class Pages implements Paginator<Output> {
  readonly #operation: PagedOperation;
  #compiledLater: CompiledPaginator | undefined;
  readonly #base: Input;
  readonly #start: PagePlace | undefined;
  readonly #options: PaginateOptions;
  #resume: PagePlace | undefined;

  constructor(
    operation: PagedOperation,
    base: Input,
    start: PagePlace | undefined,
    options: PaginateOptions,
  ) {
    this.#operation = operation;
    this.#base = base;
    this.#start = start;
    this.#options = options;
  }

  /** Compiled before the first page is asked for: see `#compile`. */
  get #compiled(): CompiledPaginator {
    return this.#compiledLater as CompiledPaginator;
  }

  /** The code of expressions is loaded when pages are iterated, not when a client is made. */
  async #compile(): Promise<void> {
    const { compilePaginator } = await import("./compiled-paginator.ts");
    this.#compiledLater = compilePaginator(this.#operation.model);
  }

  get resumeToken(): string | undefined {
    return this.#resume === undefined ? undefined : encodePlace(this.#resume);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Output, void, undefined> {
    await this.#compile();
    const requests = new PageRequests(this.#operation.call.bind(this.#operation), this.#options);
    try {
      yield* this.#pages(requests);
    } finally {
      requests.close();
    }
  }

  async *items(key?: string): AsyncGenerator<unknown, void, undefined> {
    const found = key === undefined ? await this.#primaryLater() : await expressionOf(key);
    for await (const page of this) yield* itemsOf(found(page));
  }

  async all(): Promise<unknown[]> {
    const all: unknown[] = [];
    const found = await this.#primaryLater();
    for await (const page of this) for (const item of itemsOf(found(page))) all.push(item);
    return all;
  }

  async *#pages(requests: PageRequests): AsyncGenerator<Output, void, undefined> {
    const { limit, prefetch } = this.#options;
    this.#resume = undefined;
    let tokens = this.#firstTokens();
    let used = this.#start?.used ?? 0;
    let left = limit ?? Number.POSITIVE_INFINITY;
    for (;;) {
      const page = await requests.take(this.#inputWith(tokens));
      // Tokens can stand in the items (`Contents[-1].Key`): they are read before these are cut.
      const next = this.#nextTokens(page);
      if (used > 0) this.#dropUsed(page, used);
      const count = itemCount(this.#primary()(page));
      if (count > left) {
        this.#keepItems(page, left);
        this.#resume = { tokens, used: used + left };
        yield page;
        return;
      }
      left -= count;
      if (next !== undefined && left === 0) this.#resume = { tokens: next, used: 0 };
      const repeated = equalValues(next, tokens);
      const last = next === undefined || left === 0;
      if (prefetch === 1 && !last && !repeated) requests.start(this.#inputWith(next));
      yield page;
      if (last) return;
      if (repeated) throw this.#repeated();
      tokens = next;
      used = 0;
    }
  }

  async #primaryLater(): Promise<Expression> {
    await this.#compile();
    return this.#primary();
  }

  #primary(): Expression {
    return this.#compiled.results[0] ?? (() => undefined);
  }

  /** The starting token's, else those that stand in the input. */
  #firstTokens(): readonly unknown[] {
    const given = this.#start?.tokens;
    return this.#compiled.inputTokens.map((name, index) =>
      given === undefined ? this.#base[name] : given[index],
    );
  }

  #inputWith(tokens: readonly unknown[]): Input {
    const input: Record<string, unknown> = { ...this.#base };
    this.#compiled.inputTokens.forEach((name, index) => {
      const token = tokens[index];
      if (token === undefined || token === null) delete input[name];
      else input[name] = token;
    });
    return input;
  }

  /** @returns `undefined` after the last page. */
  #nextTokens(page: Output): readonly unknown[] | undefined {
    const { moreResults, outputTokens } = this.#compiled;
    if (moreResults !== undefined && !says(moreResults(page))) return undefined;
    const tokens = outputTokens.map((token) => {
      const value = token(page);
      return says(value) ? value : undefined;
    });
    return tokens.every((token) => token === undefined) ? undefined : tokens;
  }

  /** The run before this one has used the page's first items, and everything beside them. */
  #dropUsed(page: Output, used: number): void {
    const { results, resultKeys } = this.#compiled;
    results.forEach((result, index) => {
      const value = result(page);
      if (value === undefined) return;
      setAt(page, resultKeys[index] ?? "", index === 0 ? sliceItems(value, used) : emptied(value));
    });
  }

  #keepItems(page: Output, count: number): void {
    const [key = ""] = this.#compiled.resultKeys;
    setAt(page, key, sliceItems(this.#primary()(page), 0, count));
  }

  #repeated(): PaginationError {
    const names = this.#compiled.inputTokens.map((name) => `"${name}"`).join(", ");
    return new PaginationError(
      `Cannot paginate ${this.#operation.name}: the service gave the same ${names} twice in a row`,
    );
  }
}

/** Whether a token or flag says that there is more: nothing empty does, and no zero. */
function says(value: unknown): boolean {
  return value !== 0 && isTrue(value);
}

async function expressionOf(text: string): Promise<Expression> {
  const { compileExpression } = await import("../expression/compile-expression.ts");
  return compileExpression(text);
}
