import { errorBody } from "./error-body.ts";
import { invocationMembersOf, isThenable } from "./invocation-context.ts";
import type { InvocationHost, RunningInvocation } from "./running-invocation.ts";
import type { ErrorBody, InvocationRequest } from "./runtime-client.ts";
import { RuntimeError } from "./runtime-error.ts";

type State =
  /** Nothing was decided. `fallback` is the answer if the event loop empties first. */
  | { readonly kind: "running"; readonly fallback: unknown }
  /** The callback gave a result, which goes out when the event loop is empty. */
  | { readonly kind: "waiting"; readonly result: unknown }
  /** Decided; the answer goes out before the event loop's next turn. */
  | { readonly kind: "settled"; readonly answer: Answer }
  | { readonly kind: "answered" };

interface CallbackWish {
  waitsForEmptyEventLoop: boolean;
}

type Answer =
  | { readonly kind: "returned"; readonly json: string }
  | { readonly kind: "failed"; readonly error: unknown };

/** An invocation that answers in one piece: by a promise, a callback, or `context.done` and its kin. */
export class BufferedInvocation implements RunningInvocation {
  readonly request: InvocationRequest;
  readonly #host: InvocationHost;
  #state: State = { kind: "running", fallback: null };
  /** Shared with the function's `context`, which changes it. */
  readonly #wish: CallbackWish = { waitsForEmptyEventLoop: true };

  constructor(request: InvocationRequest, host: InvocationHost) {
    this.request = request;
    this.#host = host;
  }

  begin(): void {
    let returned: unknown;
    try {
      // Called on its own, so that the function's `this` gives nothing away.
      const { handler } = this.#host;
      const event: unknown = JSON.parse(this.request.event);
      returned = handler(event, this.#context(), this.#callback);
    } catch (error) {
      this.#fail(error);
      return;
    }
    if (isThenable(returned)) returned.then(this.#succeed, this.#fail);
    else this.#returned(returned);
  }

  loopEmptied(): void {
    if (this.#state.kind === "waiting") this.#settle(answerOf(this.#state.result));
    else if (this.#state.kind === "running") this.#settle(answerOf(this.#state.fallback));
  }

  abort(error: ErrorBody): void {
    if (this.#state.kind === "answered") return;
    this.#state = { kind: "answered" };
    this.#host.client.fail(this.request.requestId, error);
  }

  /**
   * Node's classic runtimes ignored what a handler returned unless it was a promise; AWS's newest
   * answers with it. A handler that takes no callback and returns plain data means the latter. One
   * that returns, say, the server or the timer it started will answer through `context`.
   */
  #returned(value: unknown): void {
    if (this.#state.kind !== "running") return;
    const takesCallback = this.#host.handler.length >= 3;
    if (!takesCallback && (this.#host.concurrent || isPlainData(value))) this.#succeed(value);
    else this.#state = { kind: "running", fallback: takesCallback ? null : value };
  }

  readonly #callback = (error?: unknown, result?: unknown): void => {
    if (this.#state.kind !== "running") return;
    if (error !== undefined && error !== null) this.#fail(error);
    else if (!this.#wish.waitsForEmptyEventLoop || this.#host.concurrent) this.#succeed(result);
    else this.#state = { kind: "waiting", result };
  };

  readonly #succeed = (result: unknown): void => {
    if (this.#state.kind === "running") this.#settle(answerOf(result));
  };

  readonly #fail = (error: unknown): void => {
    if (this.#state.kind === "running") this.#settle({ kind: "failed", error });
  };

  /**
   * The answer leaves in the "check" phase of this turn, as with AWS's runtime: a rejection that
   * nobody handles, in the same turn, ends this invocation, not the one after it.
   */
  #settle(answer: Answer): void {
    this.#state = { kind: "settled", answer };
    setImmediate(BufferedInvocation.#answerSettled, this);
  }

  static readonly #answerSettled = (invocation: BufferedInvocation): void => invocation.#answer();

  #answer(): void {
    const state = this.#state;
    if (state.kind !== "settled") return;
    this.#state = { kind: "answered" };
    const { client, logError } = this.#host;
    const { requestId } = this.request;
    if (state.answer.kind === "returned") {
      client.respond(requestId, state.answer.json);
    } else {
      logError("Invoke Error", state.answer.error);
      client.fail(requestId, errorBody(state.answer.error));
    }
    this.#host.ended(this);
  }

  /** Own, enumerable members in AWS's order: functions copy, log and serialise this object. */
  #context(): object {
    const wish = this.#wish;
    return {
      get callbackWaitsForEmptyEventLoop() {
        return wish.waitsForEmptyEventLoop;
      },
      set callbackWaitsForEmptyEventLoop(value: boolean) {
        wish.waitsForEmptyEventLoop = value;
      },
      succeed: this.#succeed,
      fail: (error?: unknown) => this.#fail(error ?? "handled"),
      done: (error?: unknown, result?: unknown) => {
        if (error !== undefined && error !== null) this.#fail(error);
        else this.#succeed(result);
      },
      ...this.#host.environment,
      ...invocationMembersOf(this.request),
    };
  }
}

function answerOf(result: unknown): Answer {
  try {
    const json = JSON.stringify(result === undefined ? null : result) as string | undefined;
    if (json !== undefined) return { kind: "returned", json };
    return { kind: "failed", error: notJson(undefined) };
  } catch (error) {
    return { kind: "failed", error: notJson(error) };
  }
}

function notJson(cause: unknown): RuntimeError {
  return new RuntimeError("JSONStringifyError", "Unable to stringify response body", { cause });
}

function isPlainData(value: unknown): boolean {
  if (value === undefined) return false;
  if (typeof value !== "object" || value === null) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}
