import type { PaginateOptions } from "../client/client-types.ts";
import { PaginationError } from "../client/errors.ts";
import { compileExpression, type Expression } from "../expression/compile-expression.ts";
import { equalValues, isTrue } from "../expression/values.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { type CompiledPaginator, compilePaginator } from "./compiled-paginator.ts";
import { emptied, itemCount, itemsOf, setAt, sliceItems } from "./page-items.ts";
import { PageRequests } from "./page-requests.ts";
import { decodePlace, encodePlace, type PagePlace } from "./page-token.ts";
import type { PagedOperation } from "./paginator.ts";

/** One iteration of an operation's pages: what it is loaded for begins with the first of them. */
export class PageWalk {
  readonly #operation: PagedOperation;
  readonly #compiled: CompiledPaginator;
  readonly #base: Input;
  readonly #start: PagePlace | undefined;
  readonly #options: PaginateOptions;
  #resume: PagePlace | undefined;

  /** @throws TypeError for a starting token that is damaged, or another operation's. */
  constructor(operation: PagedOperation, base: Input, options: PaginateOptions) {
    const { startingToken } = options;
    this.#operation = operation;
    this.#compiled = compilePaginator(operation.model);
    this.#base = base;
    // An empty token is none, as at the end of the pages.
    this.#start =
      startingToken === undefined || startingToken === ""
        ? undefined
        : decodePlace(startingToken, operation.model.inputTokens.length);
    this.#options = options;
  }

  get resumeToken(): string | undefined {
    return this.#resume === undefined ? undefined : encodePlace(this.#resume);
  }

  async *pages(): AsyncGenerator<Output, void, undefined> {
    const requests = new PageRequests(this.#operation.call.bind(this.#operation), this.#options);
    try {
      yield* this.#pages(requests);
    } finally {
      requests.close();
    }
  }

  /** What a page's items are: those of the operation's list, or of an expression. */
  itemsOf(key?: string): (page: Output) => readonly unknown[] {
    const found = key === undefined ? this.#primary() : compileExpression(key);
    return (page) => itemsOf(found(page));
  }

  async *#pages(requests: PageRequests): AsyncGenerator<Output, void, undefined> {
    const { limit, prefetch } = this.#options;
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
