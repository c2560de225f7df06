import type { PaginateOptions, Paginator } from "../client/client-types.ts";
import { PaginationError } from "../client/errors.ts";
import type { CallOptions } from "../client/options.ts";
import { compileExpression, type Expression } from "../expression/compile-expression.ts";
import { equalValues, isTrue } from "../expression/values.ts";
import type { PaginatorModel } from "../model/model.ts";
import type { Input, Output } from "../protocol/protocol.ts";
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

/** A paginator's model with its expressions compiled; one per operation. */
export interface CompiledPaginator {
  readonly inputTokens: readonly string[];
  readonly outputTokens: readonly Expression[];
  readonly moreResults: Expression | undefined;
  readonly resultKeys: readonly string[];
  readonly results: readonly Expression[];
}

const compiled = new WeakMap<PaginatorModel, CompiledPaginator>();

/** Compiles the expressions of a paginator, once. @throws TypeError for one that is not understood. */
export function compilePaginator(model: PaginatorModel): CompiledPaginator {
  let known = compiled.get(model);
  if (known === undefined) {
    known = {
      inputTokens: model.inputTokens,
      outputTokens: model.outputTokens.map(compileExpression),
      moreResults:
        model.moreResults === undefined ? undefined : compileExpression(model.moreResults),
      resultKeys: model.resultKeys,
      results: model.resultKeys.map(compileExpression),
    };
    compiled.set(model, known);
  }
  return known;
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
  readonly #compiled: CompiledPaginator;
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
    this.#compiled = compilePaginator(operation.model);
    this.#base = base;
    this.#start = start;
    this.#options = options;
  }

  get resumeToken(): string | undefined {
    return this.#resume === undefined ? undefined : encodePlace(this.#resume);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Output, void, undefined> {
    const requests = new PageRequests(this.#operation.call.bind(this.#operation), this.#options);
    try {
      yield* this.#pages(requests);
    } finally {
      requests.close();
    }
  }

  async *items(key?: string): AsyncGenerator<unknown, void, undefined> {
    const found = key === undefined ? this.#primary() : compileExpression(key);
    for await (const page of this) yield* itemsOf(found(page));
  }

  async all(): Promise<unknown[]> {
    const all: unknown[] = [];
    const found = this.#primary();
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
