import { monotonicMs } from "../builtin/monotonic-ms.ts";
import type { Credentials, CredentialSource } from "../credentials/credentials.ts";
import type {
  BufferedResponse,
  Input,
  Output,
  RequestDraft,
  StreamingInput,
} from "../protocol/protocol.ts";
import type { ExchangeProgress } from "../transport/transport.ts";
import type { BoundEndpoint } from "./bound-endpoint.ts";
import type { BoundOperation } from "./bound-operation.ts";
import { rejectWithCallerStack } from "./caller-stack.ts";
import type { Engine } from "./engine.ts";
import { newInvocationId } from "./invocation-id.ts";
import { isTimed, timeoutPassed } from "./call-timeout.ts";
import { AbortError, type AwsClientError } from "./errors.ts";
import { CallMetadata } from "./metadata.ts";
import { ownError } from "./own-error.ts";
import type { CallOptions } from "./options.ts";
import { type FreeRepeat, recover, type Recovery } from "./recover.ts";
import { addHeaders, takeLength } from "./request-headers.ts";
import { prepareBytes } from "./request-payload.ts";
import { ResponseReading } from "./response-reading.ts";
import { signedRequest } from "./signed-request.ts";
import type { StreamPayload } from "./stream-payload.ts";
import { writeRequest } from "./write-request.ts";

/**
 * One call of an operation, from the input to the output, over all its attempts.
 */
export class Call {
  /** Belongs to the engine: another region has its own. */
  operation: BoundOperation;
  readonly input: Input;
  readonly options: CallOptions | undefined;
  /** Number of the attempt under way, from 1; free repeats count. */
  attempts = 0;
  /** Milliseconds spent waiting between attempts. */
  totalRetryDelay = 0;
  /** Tokens of the retry quota that the last retry took. */
  retryCost = 0;
  /** Repeats that were free: each kind is made once in a call. */
  repeats: readonly FreeRepeat[] | undefined;
  credentials: Credentials | undefined;
  /** Where the credentials come from. */
  source: CredentialSource | undefined;
  draft: RequestDraft | undefined;
  /** How many entries of the draft's headers are there before an attempt adds its own. */
  baseHeaders = 0;
  /** What the signature covers in place of the body. */
  payloadHash = "";
  /** The body, where it is not in memory. */
  stream: StreamPayload | undefined;
  /** Length of the body as the caller gave it (`ContentLength`). */
  declaredLength: number | undefined;
  invocationId = "";
  /** `monotonicMs()` at the start. */
  startedAt = 0;
  /** Epoch milliseconds at which the last attempt was sent. */
  sentAt = 0;
  /** Neighbours in the list of calls in flight. */
  previous: Call | undefined;
  next: Call | undefined;

  #engine: Engine;
  #endpoint: BoundEndpoint | undefined;
  #resolve: (output: Output) => void;
  readonly #reading: ResponseReading = new ResponseReading(this);
  #settled = false;
  #timer: NodeJS.Timeout | undefined;
  /** When the wait before the next attempt ends. */
  #waitsUntil = 0;
  #deadline: NodeJS.Timeout | undefined;
  #onAbort: (() => void) | undefined;
  #isReady = true;
  #quotaExceeded = false;

  constructor(
    engine: Engine,
    operation: BoundOperation,
    input: Input,
    options: CallOptions | undefined,
    resolve: (output: Output) => void,
  ) {
    this.#engine = engine;
    this.operation = operation;
    this.input = input;
    this.options = options;
    this.#resolve = resolve;
  }

  get engine(): Engine {
    return this.#engine;
  }

  /** Where the request goes. */
  get boundEndpoint(): BoundEndpoint {
    return this.#endpoint as BoundEndpoint;
  }

  /** Whether it has its outcome; a body may still be on its way. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Milliseconds that its body has waited for its reader; 0 where none does, no end for one without reader. */
  get bodyUnreadMs(): number {
    return this.#reading.unreadMs;
  }

  get freeRepeats(): number {
    return this.repeats === undefined ? 0 : this.repeats.length;
  }

  /** Whether the body, if there is one, can be sent again. */
  get replayable(): boolean {
    return this.stream === undefined || this.stream.replayable;
  }

  /** Checks and writes the request, and begins the first attempt. */
  start(): void {
    if (this.#engine.observed) this.startedAt = monotonicMs();
    if (this.options !== undefined) this.#watch(this.options);
    if (this.#settled) return;
    const timeoutMs = this.options?.timeout ?? this.#engine.config.timeout;
    if (timeoutMs !== undefined) this.#limit(timeoutMs);
    this.#engine.began(this);
    this.#begin();
  }

  #begin(): void {
    if (this.#settled) return;
    const { operation } = this;
    if (operation.usesAccountId && this.#engine.awaitsCredentials()) {
      void this.#await(this.#engine.parts.credentials?.resolve(), () => this.#begin());
      return;
    }
    const pending = this.#engine.rules?.ready?.(operation, this.input, this.#engine);
    if (pending !== undefined) {
      void this.#await(pending, () => this.#begin());
      return;
    }
    try {
      this.#prepare();
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    if (this.#isReady) this.#attempt();
  }

  /** Writes the request. */
  #prepare(): void {
    const { operation } = this;
    const { input, draft, endpoint } = writeRequest(this.#engine, operation, this.input);
    this.#endpoint = endpoint;
    this.draft = draft;
    const { headers } = draft;
    if (operation.hasStreamingInput) this.declaredLength = takeLength(headers);
    if (operation.asksForChecksums(input)) headers.push("x-amz-checksum-mode", "ENABLED");
    if (this.options?.headers !== undefined) addHeaders(headers, this.options.headers);
    if (this.invocationId === "") this.invocationId = newInvocationId();
    const { body } = draft;
    if (typeof body === "object" && !(body instanceof Uint8Array)) {
      this.#isReady = false;
      void this.#prepareStream(draft, body);
      return;
    }
    this.payloadHash = prepareBytes(this, draft, body);
    this.baseHeaders = headers.length;
  }

  /** A body that is not in memory: its code is loaded when it is first needed. */
  async #prepareStream(draft: RequestDraft, body: StreamingInput): Promise<void> {
    try {
      const { discardStream, prepareStream } = await import("./stream-payload.ts");
      if (this.#settled) {
        discardStream(body);
        return;
      }
      await prepareStream(this, draft, body);
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    this.baseHeaders = draft.headers.length;
    this.#isReady = true;
    this.#attempt();
  }

  /** Sends the request once more, or for the first time. */
  #attempt(): void {
    if (this.#settled) return;
    const engine = this.#engine;
    if (this.boundEndpoint.signs) {
      let credentials: Credentials | undefined;
      try {
        const { rules, parts } = engine;
        this.source =
          this.boundEndpoint.signer === undefined
            ? parts.tokens
            : (rules?.credentials?.(engine, this.input, this.boundEndpoint) ?? parts.credentials);
        credentials = this.source?.current();
      } catch (error) {
        this.fail(error as Error);
        return;
      }
      if (credentials === undefined) {
        void this.#await(this.source?.resolve(), () => this.#attempt());
        return;
      }
      this.credentials = credentials;
    }
    const waitMs = engine.retry.sendDelayMs(engine.retryClock());
    if (waitMs > 0) {
      this.#after(waitMs, () => this.#attempt());
      return;
    }
    this.#send();
  }

  async #await(pending: Promise<unknown> | undefined, then: () => void): Promise<void> {
    try {
      await pending;
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    then();
  }

  #send(): void {
    this.attempts++;
    this.#reading.reset();
    const engine = this.#engine;
    try {
      const request = signedRequest(this, this.draft as RequestDraft);
      if (engine.observed) engine.observer.request(this, request);
      const { origin } = this.boundEndpoint;
      this.#reading.begin(engine.transport.send(origin, request, this.#reading));
    } catch (error) {
      this.fail(error as Error);
    }
  }

  /** An attempt has failed: repeats it as the rules say, or ends the call. */
  onFailure(error: Error, response?: BufferedResponse, at?: ExchangeProgress): void {
    if (this.#settled) return;
    let recovery: Recovery | Promise<Recovery>;
    try {
      recovery = recover(this, error, response, at);
    } catch (thrown) {
      // The caller's own rule, or one of the service's, has failed.
      this.fail(thrown as Error);
      return;
    }
    if (recovery instanceof Promise) void this.#followLater(recovery, error);
    else this.#follow(recovery, error);
  }

  async #followLater(recovery: Promise<Recovery>, error: Error): Promise<void> {
    let found: Recovery;
    try {
      found = await recovery;
    } catch {
      this.fail(error);
      return;
    }
    this.#follow(found, error);
  }

  #follow(recovery: Recovery, error: Error): void {
    if (this.#settled) return;
    if (recovery.kind === "move" || recovery.kind === "anew") {
      if (recovery.kind === "move") this.#move(recovery.region);
      this.#begin();
      return;
    }
    if (recovery.kind === "fail") {
      this.#quotaExceeded = recovery.quota;
      if (recovery.delayMs === 0) this.fail(error);
      else this.#after(recovery.delayMs, () => this.fail(error));
      return;
    }
    if (this.#engine.observed) this.#engine.observer.retry(this, error, recovery.delayMs);
    if (recovery.cost > 0) this.retryCost = recovery.cost;
    if (recovery.delayMs === 0) this.#attempt();
    else this.#after(recovery.delayMs, () => this.#attempt());
  }

  #move(region: string): void {
    try {
      this.#engine = this.#engine.inRegion(region);
      this.operation = this.#engine.operation(this.operation.name);
    } catch (error) {
      // The region came from an answer: it need not be one.
      this.fail(error as Error);
    }
  }

  #after(delayMs: number, then: () => void): void {
    this.totalRetryDelay += delayMs;
    this.#waitsUntil = monotonicMs() + delayMs;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      then();
    }, delayMs);
  }

  /** The call has its output; the body of an `open` one is still to come. */
  succeed(output: Output, body: "read" | "open" = "read"): void {
    const { status, headers } = this.#reading;
    const metadata = new CallMetadata(status, headers, this.attempts, this.totalRetryDelay);
    metadata.adoptRequestId(output);
    output["$metadata"] = metadata;
    const engine = this.#engine;
    engine.retry.succeeded(this.retryCost, engine.retryClock());
    this.#settled = true;
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
    if (body === "read") this.#release();
    if (engine.observed) engine.observer.response(this, metadata);
    const resolve = this.#resolve;
    // It leads to the output, and so to a body that could then never be forgotten.
    this.#resolve = ignored;
    resolve(output);
  }

  /** A body that streamed has come to its end, one way or another. */
  bodyClosed(): void {
    this.#release();
  }

  /** Ends the call with an error. */
  fail(error: Error): void {
    if (this.#settled) return;
    this.#settled = true;
    if (this.#timer !== undefined) {
      clearTimeout(this.#timer);
      const unwaited = Math.max(0, this.#waitsUntil - monotonicMs());
      this.totalRetryDelay = Math.max(0, this.totalRetryDelay - unwaited);
    }
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
    this.#release();
    const failed: AwsClientError = ownError(error);
    this.#describe(failed);
    if (this.#engine.observed) this.#engine.observer.error(this, failed);
    rejectWithCallerStack(this.#resolve, failed);
  }

  /** The final error says what the call took. */
  #describe(error: AwsClientError): void {
    const { status: last, headers } = this.#reading;
    const status = error.$metadata?.httpStatusCode ?? (last === 0 ? undefined : last);
    const metadata = new CallMetadata(status, headers, this.attempts, this.totalRetryDelay);
    const requestId = error.$metadata?.requestId;
    if (requestId !== undefined) metadata.requestId ??= requestId;
    if (this.#quotaExceeded) metadata.retryQuotaExceeded = true;
    error.$metadata = metadata;
  }

  /** Ends the call from outside, at any stage. */
  abort(error: Error): void {
    this.#reading.abort(error);
    this.fail(error);
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

  /** The whole call may take so long. */
  #limit(timeoutMs: number): void {
    if (!isTimed(this.operation.name, timeoutMs)) return;
    this.#deadline = setTimeout(() => {
      this.abort(timeoutPassed(this.operation.name, timeoutMs));
    }, timeoutMs);
  }

  /** Lets go of what the call holds. */
  #release(): void {
    if (this.#onAbort !== undefined) {
      const signal = this.options?.signal ?? this.options?.abortSignal;
      signal?.removeEventListener("abort", this.#onAbort);
      this.#onAbort = undefined;
    }
    this.stream?.discard();
    this.#engine.ended(this);
  }
}

function ignored(): void {}
