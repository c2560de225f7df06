import { monotonicMs } from "../builtin/monotonic-ms.ts";
import { isTimed, timeoutPassed } from "../client/call-timeout.ts";
import { rejectWithCallerStack } from "../client/caller-stack.ts";
import { checkCallOptions } from "../client/check-call-options.ts";
import { AbortError, type AwsClientError } from "../client/errors.ts";
import { CallMetadata } from "../client/metadata.ts";
import type { CallOptions } from "../client/options.ts";
import { ownError } from "../client/own-error.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import type { BodySource } from "../request-body/body-source.ts";
import { mustTurn, turn } from "./event-loop-turn.ts";
import type { ObjectStorage, StoredStream } from "./object-storage.ts";
import { discardBody } from "./receive-body.ts";
import type { BoundStoreOperation, StoreEngine } from "./store-engine.ts";
import { StoreFailure, storeServiceError } from "./store-errors.ts";
import { StoredBodyStream } from "./stored-body-stream.ts";

/** One call of an operation on a store. Stores are not asked twice: there is one attempt. */
export class StoreCall {
  readonly engine: StoreEngine;
  readonly operation: BoundStoreOperation;
  readonly input: Input;
  readonly options: CallOptions | undefined;
  readonly attempts = 1;
  /** `monotonicMs()` at the start. */
  startedAt = 0;
  /** HTTP status that S3 would answer with. */
  status: number;
  /** The body that is being read; it is closed when the call ends early. */
  source: BodySource | undefined;

  #resolve: (output: Output) => void;
  #settled = false;
  #deadline: NodeJS.Timeout | undefined;
  #onAbort: (() => void) | undefined;
  /** The body that is given out piece by piece. */
  #stream: StoredBodyStream | undefined;
  /** Ends what the operation waits for outside of the store. */
  #interrupt: ((error: Error) => void) | undefined;

  constructor(
    engine: StoreEngine,
    operation: BoundStoreOperation,
    input: Input,
    options: CallOptions | undefined,
    resolve: (output: Output) => void,
  ) {
    this.engine = engine;
    this.operation = operation;
    this.input = input;
    this.options = options;
    this.status = operation.status;
    this.#resolve = resolve;
  }

  get storage(): ObjectStorage {
    return this.engine.storage;
  }

  /** Whether it has its outcome; the store may still be at work. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Bytes above which a body comes as a stream. */
  get streamAbove(): number {
    const mode = this.options?.body ?? "auto";
    if (mode === "auto") return this.engine.bufferBodyBelow;
    return mode === "stream" ? -1 : Infinity;
  }

  /** Waits for something outside of the store, a body that comes, no longer than the call lasts. */
  whileOpen<T>(pending: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      pending.then(resolve, reject);
      // What is waited for may have ended the call itself.
      if (this.#settled) reject(new AbortError(undefined));
      this.#interrupt = reject;
    });
  }

  /** The body of the output, where it comes piece by piece: the call's signal ends it, too. */
  give(body: StoredStream): StoredBodyStream {
    this.#stream = new StoredBodyStream(body, () => this.#release());
    return this.#stream;
  }

  /** Checks the input and begins the operation. */
  start(): void {
    const { engine, operation, options } = this;
    if (engine.observed) this.startedAt = monotonicMs();
    if (options !== undefined) checkCallOptions(operation.name, options);
    if (options !== undefined) this.#watch(options);
    if (this.#settled) return;
    const timeoutMs = options?.timeout ?? engine.timeoutMs;
    if (timeoutMs !== undefined) this.#limit(timeoutMs);
    engine.began(this);
    void this.#run();
  }

  async #run(): Promise<void> {
    const { engine, operation } = this;
    let input: Input | undefined;
    try {
      input = engine.prepare(operation, this.input);
      if (engine.observed) this.#report(input);
      if (mustTurn()) {
        await turn();
        if (this.#settled) throw new AbortError(undefined);
      }
      this.#succeed(await operation.run(this, input));
    } catch (error) {
      // A body that was refused before it was read is not left open.
      if (input !== undefined && this.source === undefined) discardBody(input["Body"]);
      this.fail(error as Error);
    } finally {
      engine.ended(this);
    }
  }

  #report({ Bucket, Key }: Input): void {
    const { engine, operation, storage } = this;
    const place = [Bucket, Key].filter((each) => typeof each === "string").join("/");
    engine.observer.requested(this, {
      service: engine.service.name,
      operation: operation.name,
      attempt: 1,
      method: operation.model.method,
      url: place === "" ? storage.url : `${storage.url}/${place}`,
      headers: {},
    });
  }

  #succeed(output: Output): void {
    if (this.#settled) {
      // Nobody is left who could read it.
      (output["Body"] as { cancel?(): unknown } | undefined)?.cancel?.();
      return;
    }
    this.#settled = true;
    const metadata = this.#metadata(this.status);
    output["$metadata"] = metadata;
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
    if (this.#stream === undefined) this.#release();
    else this.engine.streams(this);
    if (this.engine.observed) this.engine.observer.response(this, metadata);
    const resolve = this.#resolve;
    // It leads to the output, and so to a body that could then never be forgotten.
    this.#resolve = ignored;
    resolve(output);
  }

  /** Ends the call with an error. */
  fail(error: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#release();
    this.source?.discard();
    this.#interrupt?.(error);
    const isFailure = error instanceof StoreFailure;
    const failed: AwsClientError = isFailure
      ? storeServiceError(error, this.operation.name)
      : ownError(error);
    failed.$metadata = this.#metadata(isFailure ? error.status : undefined);
    if (this.engine.observed) this.engine.observer.error(this, failed);
    rejectWithCallerStack(this.#resolve, failed);
  }

  /** Ends the call from outside, at any stage: also when only its body is still being read. */
  abort(error: Error): void {
    this.#stream?.cancel(error);
    this.fail(error);
  }

  #metadata(status: number | undefined): CallMetadata {
    const metadata = new CallMetadata(status, noHeaders, 1, 0);
    if (status !== undefined) metadata.requestId = newRequestId();
    return metadata;
  }

  #watch(options: CallOptions): void {
    const signal = options.signal ?? options.abortSignal;
    if (signal === undefined) return;
    if (signal.aborted) {
      this.fail(new AbortError(signal.reason));
      return;
    }
    this.#onAbort = (): void => this.abort(new AbortError(signal.reason));
    signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  #limit(timeoutMs: number): void {
    const { name } = this.operation;
    if (!isTimed(name, timeoutMs)) return;
    this.#deadline = setTimeout(() => this.fail(timeoutPassed(name, timeoutMs)), timeoutMs);
  }

  #release(): void {
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
    if (this.#stream !== undefined) this.engine.streamed(this);
    if (this.#onAbort === undefined) return;
    const signal = this.options?.signal ?? this.options?.abortSignal;
    signal?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }
}

function ignored(): void {}

const noHeaders: readonly string[] = [];

/** The first half of this process's request ids. */
const processId = Math.floor(Math.random() * 36 ** 8)
  .toString(36)
  .padStart(8, "0")
  .toUpperCase();
let requests = 0;

/** An id in the form of S3's: 16 digits and letters. */
function newRequestId(): string {
  requests++;
  return processId + requests.toString(36).padStart(8, "0").toUpperCase();
}
