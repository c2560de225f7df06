import { AbortError } from "../client/errors.ts";
import { ProgressCount } from "./progress-count.ts";
import type { TransferOptions, TransferProgress, TransferWork } from "./transfer-types.ts";

/** What a transfer is made with. */
export interface TransferSeed extends Pick<TransferOptions, "signal" | "onProgress"> {
  /** The object's key, for the reports. */
  readonly key: string;
  /** Called when it is over, before the promise settles. */
  readonly onDone?: (() => void) | undefined;
}

/**
 * A transfer under way: a promise of its result that can be watched and aborted. It has begun when
 * it is made. A failure that nobody awaits is reported as of any promise; one that follows from
 * `abort` is not.
 */
export class Transfer<Result> implements Promise<Result>, AsyncDisposable {
  readonly [Symbol.toStringTag] = "Transfer";
  readonly #abort = new AbortController();
  readonly #progress: ProgressCount;
  readonly #promise: Promise<Result>;
  #listenerFailure: { readonly error: unknown } | undefined;
  #isDone = false;

  /** @param work begins after the caller's current step, so that listeners see all of it. */
  constructor(work: TransferWork<Result>, seed: TransferSeed) {
    this.#progress = new ProgressCount(seed.key, (error) => {
      this.#listenerFailure ??= { error };
      this.#abort.abort(error);
    });
    this.#promise = this.#run(work, seed);
  }

  async #run(
    work: TransferWork<Result>,
    { signal, onProgress, onDone }: TransferSeed,
  ): Promise<Result> {
    const { signal: own } = this.#abort;
    const follow = (): void => this.#abort.abort(new AbortError(signal?.reason));
    try {
      checkSignal(signal);
      if (onProgress !== undefined) this.on("progress", onProgress);
      if (signal?.aborted === true) follow();
      else signal?.addEventListener("abort", follow, { once: true });
      await Promise.resolve();
      const result = await work({ signal: own, progress: this.#progress });
      // It is done, and a listener has found that out: its error has nobody else to go to.
      if (this.#listenerFailure !== undefined) throw this.#listenerFailure.error;
      return result;
    } catch (error) {
      // A call that ended with our signal says so in its own words.
      const isEcho = error instanceof AbortError && own.aborted && error.cause === own.reason;
      throw isEcho ? own.reason : error;
    } finally {
      this.#isDone = true;
      onDone?.();
      signal?.removeEventListener?.("abort", follow);
    }
  }

  /**
   * Reports how far it is, each time that bytes have moved.
   *
   * @param listener an error that it throws ends the transfer.
   * @returns a function that removes the listener.
   */
  on(event: "progress", listener: (progress: TransferProgress) => void): () => void {
    if (event !== "progress") {
      throw new TypeError(`Cannot listen to "${String(event)}": a transfer reports "progress"`);
    }
    return this.#progress.listen(listener);
  }

  /**
   * Ends the transfer: it stops, cleans up, and then rejects with an `AbortError` whose cause is
   * the reason. No effect once it is done.
   */
  abort(reason?: unknown): void {
    if (this.#isDone) return;
    this.#abort.abort(new AbortError(reason));
    // Who aborts it knows.
    this.#promise.catch(ignore);
  }

  // oxlint-disable-next-line unicorn/no-thenable
  then<Done = Result, Failed = never>(
    onDone?: ((result: Result) => Done | PromiseLike<Done>) | null,
    onFailed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Done | Failed> {
    return this.#promise.then(onDone, onFailed);
  }

  catch<Failed = never>(
    onFailed?: ((error: unknown) => Failed | PromiseLike<Failed>) | null,
  ): Promise<Result | Failed> {
    return this.#promise.catch(onFailed);
  }

  finally(onSettled?: (() => void) | null): Promise<Result> {
    return this.#promise.finally(onSettled);
  }

  /**
   * Aborts it if it is under way, and waits until it has cleaned up.
   *
   * @throws its error if something was left on the server that could not be removed.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isDone) return;
    this.abort(new Error("The transfer was disposed of before it was done"));
    try {
      await this.#promise;
    } catch (error) {
      if (error instanceof Error && "abortError" in error) throw error;
    }
  }
}

/** Without this a signal that is none would be no way to end it. */
function checkSignal(signal: unknown): void {
  if (signal === undefined || signal === null) return;
  if (typeof (signal as Partial<AbortSignal>).addEventListener === "function") return;
  throw new TypeError(
    `Cannot transfer with the option "signal" of type ${typeof signal}: give an AbortSignal`,
  );
}

function ignore(): void {}
