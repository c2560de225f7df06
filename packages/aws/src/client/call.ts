import { randomUUID } from "node:crypto";
import type { Credentials } from "../credentials/credentials.ts";
import type {
  BufferedResponse,
  Input,
  Output,
  RequestDraft,
  StreamingInput,
} from "../protocol/protocol.ts";
import { isErrorAnswer } from "../protocol/error-answer.ts";
import type { Exchange, ExchangeProgress, ResponseHandler } from "../transport/transport.ts";
import { BodyChannel } from "./body-channel.ts";
import { type BoundEndpoint, joinPath } from "./bound-endpoint.ts";
import type { BoundOperation } from "./bound-operation.ts";
import { rejectWithCallerStack } from "./caller-stack.ts";
import type { Engine } from "./engine.ts";
import {
  AbortError,
  type AwsClientError,
  type ConnectionError,
  ResponseParseError,
  TimeoutError,
} from "./errors.ts";
import { lazyEvents } from "./lazy-events.ts";
import { CallMetadata } from "./metadata.ts";
import type { CallOptions } from "./options.ts";
import { readServiceError } from "./read-error.ts";
import { type FreeRepeat, recover, type Recovery } from "./recover.ts";
import { prepareBytes } from "./request-payload.ts";
import { ResponseBody } from "./response-body.ts";
import { signedRequest } from "./signed-request.ts";
import type { StreamPayload } from "./stream-payload.ts";

/** No headers. */
const none: readonly string[] = [];
const emptyBuffer: Buffer = Buffer.alloc(0);
/** Bytes of a response that has no place to stream to; more is refused (CL-19). */
const bufferedBytesMax = 512 * 1024 * 1024;

/** How the body of the answer is taken. */
type Reading = "buffer" | "stream";

/**
 * One call of an operation, from the input to the output, over all its attempts. It is also the
 * handler of the attempt's response: no other object is made per attempt.
 */
export class Call implements ResponseHandler {
  readonly operation: BoundOperation;
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
  draft: RequestDraft | undefined;
  /** How many entries of the draft's headers are there before an attempt adds its own. */
  baseHeaders = 0;
  /** What the signature covers in place of the body. */
  payloadHash = "";
  /** The body, where it is not in memory. */
  stream: StreamPayload | undefined;
  invocationId = "";
  /** `performance.now()` at the start. */
  startedAt = 0;
  /** Epoch milliseconds at which the last attempt was sent. */
  sentAt = 0;
  /** Neighbours in the list of calls in flight. */
  previous: Call | undefined;
  next: Call | undefined;

  #engine: Engine;
  #endpoint: BoundEndpoint | undefined;
  readonly #resolve: (output: Output) => void;
  #exchange: Exchange | undefined;
  #settled = false;
  #status = 0;
  #headers: readonly string[] = [];
  #reading: Reading = "buffer";
  #bytes: Buffer = emptyBuffer;
  #received = 0;
  #channel: BodyChannel | undefined;
  #timer: NodeJS.Timeout | undefined;
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

  get freeRepeats(): number {
    return this.repeats === undefined ? 0 : this.repeats.length;
  }

  /** Whether the body, if there is one, can be sent again. */
  get replayable(): boolean {
    return this.stream === undefined || this.stream.replayable;
  }

  /** Checks and writes the request, and begins the first attempt. */
  start(): void {
    this.#engine.began(this);
    if (this.#engine.observed) this.startedAt = performance.now();
    if (this.options !== undefined) this.#watch(this.options);
    const timeoutMs = this.options?.timeout ?? this.#engine.config.timeout;
    if (timeoutMs !== undefined) this.#limit(timeoutMs);
    this.#begin();
  }

  #begin(): void {
    if (this.#settled) return;
    const { operation } = this;
    if (operation.usesAccountId && this.#engine.awaitsCredentials()) {
      void this.#awaitCredentials(() => this.#begin());
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
    const engine = this.#engine;
    const input = engine.rules?.input?.(operation, this.input, engine) ?? this.input;
    operation.check(input);
    const draft: RequestDraft = {
      method: "",
      path: "",
      query: [],
      headers: [],
      body: undefined,
      hostPrefix: "",
    };
    operation.codec.serialize(input, draft);
    engine.rules?.draft?.(operation, draft, input, engine);
    const endpoint = operation.endpointOf(input, draft.hostPrefix);
    this.#endpoint = endpoint;
    this.draft = draft;
    draft.path = joinPath(endpoint, draft.path);
    const { headers } = draft;
    headers.push("host", endpoint.origin.hostHeader);
    for (const text of endpoint.headers) headers.push(text);
    if (operation.asksForChecksums(input)) headers.push("x-amz-checksum-mode", "ENABLED");
    if (this.options?.headers !== undefined) addHeaders(headers, this.options.headers);
    if (this.invocationId === "") this.invocationId = randomUUID();
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
      const { prepareStream } = await import("./stream-payload.ts");
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
      const credentials = engine.credentialsNow();
      if (credentials === undefined) {
        void this.#awaitCredentials(() => this.#attempt());
        return;
      }
      this.credentials = credentials;
    }
    const waitMs = engine.retry.sendDelayMs(performance.now());
    if (waitMs > 0) {
      this.totalRetryDelay += waitMs;
      this.#after(waitMs, () => this.#attempt());
      return;
    }
    this.#send();
  }

  async #awaitCredentials(then: () => void): Promise<void> {
    try {
      await this.#engine.parts.credentials?.resolve();
    } catch (error) {
      this.fail(error as Error);
      return;
    }
    then();
  }

  #send(): void {
    this.attempts++;
    this.#status = 0;
    this.#headers = none;
    this.#received = 0;
    this.#bytes = emptyBuffer;
    const engine = this.#engine;
    try {
      const request = signedRequest(this, this.draft as RequestDraft);
      if (engine.observed) engine.observer.request(this, request);
      this.#exchange = engine.transport.send(this.boundEndpoint.origin, request, this);
    } catch (error) {
      this.fail(error as Error);
    }
  }

  onHead(status: number, headers: string[], length: number | undefined): void {
    this.#status = status;
    this.#headers = headers;
    this.#reading = this.#readingOf(status, length);
    if (this.#reading === "stream") this.#openStream(status, headers, length);
    else if (length !== undefined && length <= bufferedBytesMax) {
      this.#bytes = length === 0 ? emptyBuffer : Buffer.allocUnsafe(length);
    }
  }

  onData(chunk: Buffer): void {
    if (this.#channel !== undefined) {
      this.#channel.push(chunk);
      return;
    }
    const end = this.#received + chunk.length;
    if (end > this.#bytes.length) this.#grow(end);
    chunk.copy(this.#bytes, this.#received);
    this.#received = end;
  }

  #grow(size: number): void {
    if (size > bufferedBytesMax) {
      this.#exchange?.abort();
      const limit = `${bufferedBytesMax} bytes`;
      this.onFailure(
        new ResponseParseError(`Cannot read the response: it is longer than ${limit}`, ""),
      );
      return;
    }
    const grown = Buffer.allocUnsafe(Math.max(size, this.#bytes.length * 2, 4096));
    this.#bytes.copy(grown, 0, 0, this.#received);
    this.#bytes = grown;
  }

  onEnd(): void {
    if (this.#channel !== undefined) {
      this.#channel.end();
      return;
    }
    this.#exchange = undefined;
    const response: BufferedResponse = {
      status: this.#status,
      headers: this.#headers,
      body:
        this.#received === this.#bytes.length
          ? this.#bytes
          : this.#bytes.subarray(0, this.#received),
    };
    let output: Output | undefined;
    let failure: Error | undefined;
    try {
      if (this.#status < 300) output = this.#read(response);
      else failure = readServiceError(this, response);
    } catch (error) {
      failure = isErrorAnswer(error)
        ? readServiceError(this, { ...response, status: 500 })
        : (error as Error);
    }
    if (output !== undefined) this.#succeed(output);
    else this.onFailure(failure as Error, response);
  }

  onError(error: ConnectionError | TimeoutError, at: ExchangeProgress): void {
    this.#exchange = undefined;
    if (this.#channel !== undefined) {
      this.#channel.fail(error);
      return;
    }
    this.onFailure(error, undefined, at);
  }

  /** An attempt has failed: repeats it as the rules say, or ends the call. */
  onFailure(error: Error, response?: BufferedResponse, at?: ExchangeProgress): void {
    if (this.#settled) return;
    this.#exchange = undefined;
    const recovery = recover(this, error, response, at);
    if (recovery instanceof Promise) {
      recovery.then(
        (found) => this.#follow(found, error),
        () => this.fail(error),
      );
    } else this.#follow(recovery, error);
  }

  #follow(recovery: Recovery, error: Error): void {
    if (this.#settled) return;
    if (recovery.kind === "move") {
      this.#engine = this.#engine.inRegion(recovery.region);
      this.#begin();
      return;
    }
    if (recovery.kind === "fail") {
      this.#quotaExceeded = recovery.quota;
      if (recovery.delayMs === 0) this.fail(error);
      else {
        this.totalRetryDelay += recovery.delayMs;
        this.#after(recovery.delayMs, () => this.fail(error));
      }
      return;
    }
    if (this.#engine.observed) this.#engine.observer.retry(this, error, recovery.delayMs);
    this.totalRetryDelay += recovery.delayMs;
    if (recovery.cost > 0) this.retryCost = recovery.cost;
    if (recovery.delayMs === 0) this.#attempt();
    else this.#after(recovery.delayMs, () => this.#attempt());
  }

  #after(delayMs: number, then: () => void): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      then();
    }, delayMs);
  }

  /** Reads a buffered answer of success. */
  #read(response: BufferedResponse): Output {
    const { operation } = this;
    operation.verify(response);
    const { streamingOutput, eventOutput } = operation.codec;
    const output = operation.codec.parse(
      streamingOutput === undefined && eventOutput === undefined
        ? response
        : { status: response.status, headers: response.headers, body: emptyBuffer },
    );
    if (streamingOutput !== undefined) {
      output[streamingOutput] = new ResponseBody(response.body);
    }
    this.#engine.rules?.output?.(operation, output, response, this.input);
    return output;
  }

  #succeed(output: Output): void {
    const metadata = new CallMetadata(
      this.#status,
      this.#headers,
      this.attempts,
      this.totalRetryDelay,
    );
    metadata.adoptRequestId(output);
    output["$metadata"] = metadata;
    this.#engine.retry.succeeded(this.retryCost, performance.now());
    this.#settle();
    if (this.#engine.observed) this.#engine.observer.response(this, metadata);
    this.#resolve(output);
  }

  /** Whether the body is read before the call resolves. */
  #readingOf(status: number, length: number | undefined): Reading {
    const { codec } = this.operation;
    if (status >= 300) return "buffer";
    if (codec.eventOutput !== undefined) return "stream";
    if (codec.streamingOutput === undefined) return "buffer";
    const mode = this.options?.body ?? "auto";
    if (mode === "buffer") return "buffer";
    if (mode === "stream") return "stream";
    return length !== undefined && length <= this.#engine.bufferBodyBelow ? "buffer" : "stream";
  }

  /** The call resolves now; the body arrives while it is read. */
  #openStream(status: number, headers: string[], length: number | undefined): void {
    const { operation } = this;
    const engine = this.#engine;
    const response: BufferedResponse = { status, headers, body: emptyBuffer };
    const observer = operation.observeBody(headers, status);
    const channel = new BodyChannel(length, observer, () => this.#bodyClosed());
    let output: Output;
    try {
      output = operation.codec.parse(response);
      engine.rules?.output?.(operation, output, response, this.input);
    } catch (error) {
      this.#exchange?.abort();
      this.onFailure(error as Error, response);
      return;
    }
    this.#channel = channel;
    if (this.#exchange !== undefined) channel.attach(this.#exchange);
    const { streamingOutput, eventOutput } = operation.codec;
    if (streamingOutput !== undefined) {
      output[streamingOutput] = new ResponseBody(channel, () => forgetBody(this, channel));
    } else if (eventOutput !== undefined) {
      output[eventOutput.member] = lazyEvents(this, channel, eventOutput);
    }
    const metadata = new CallMetadata(status, headers, this.attempts, this.totalRetryDelay);
    output["$metadata"] = metadata;
    engine.retry.succeeded(this.retryCost, performance.now());
    this.#settled = true;
    clearTimeout(this.#deadline);
    if (engine.observed) engine.observer.response(this, metadata);
    this.#resolve(output);
  }

  /** A streaming body has come to its end, one way or another. */
  #bodyClosed(): void {
    this.#exchange = undefined;
    this.unwatch();
    this.#engine.ended(this);
  }

  /** Ends the call with an error. */
  fail(error: Error): void {
    if (this.#settled) return;
    this.#settle();
    const failed = error as AwsClientError;
    this.#describe(failed);
    if (this.#engine.observed) this.#engine.observer.error(this, failed);
    rejectWithCallerStack(this.#resolve, failed);
  }

  /** The final error says what the call took. */
  #describe(error: AwsClientError): void {
    const known = error.$metadata?.httpStatusCode;
    const status = known ?? (this.#status === 0 ? undefined : this.#status);
    const metadata = new CallMetadata(status, this.#headers, this.attempts, this.totalRetryDelay);
    const requestId = error.$metadata?.requestId;
    if (requestId !== undefined) metadata.requestId ??= requestId;
    if (this.#quotaExceeded) metadata.retryQuotaExceeded = true;
    error.$metadata = metadata;
  }

  /** Ends the call from outside, at any stage. */
  abort(error: Error): void {
    const channel = this.#channel;
    if (channel !== undefined) {
      channel.fail(error);
      this.#exchange?.abort();
      this.#exchange = undefined;
      return;
    }
    this.#exchange?.abort();
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
    this.#deadline = setTimeout(() => {
      const message = `Cannot call ${this.operation.name}: it took longer than its timeout of ${timeoutMs} ms`;
      this.abort(new TimeoutError(message, "timeout", timeoutMs));
    }, timeoutMs);
  }

  #settle(): void {
    this.#settled = true;
    this.#exchange = undefined;
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    if (this.#deadline !== undefined) clearTimeout(this.#deadline);
    if (this.#onAbort !== undefined) this.unwatch();
    this.stream?.discard();
    this.#engine.ended(this);
  }

  /** Lets go of the caller's signal. */
  unwatch(): void {
    if (this.#onAbort === undefined) return;
    const signal = this.options?.signal ?? this.options?.abortSignal;
    signal?.removeEventListener("abort", this.#onAbort);
    this.#onAbort = undefined;
  }
}

function addHeaders(headers: string[], extra: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(extra)) {
    const lower = name.toLowerCase();
    const at = headers.indexOf(lower);
    if (at >= 0 && at % 2 === 0) headers[at + 1] = value;
    else headers.push(lower, value);
  }
}

/** A body that nobody can read any more: its connection is given back, with a warning. */
function forgetBody({ engine, operation }: Call, channel: BodyChannel): void {
  engine.parts.options.logger?.warn(
    `The body of ${operation.name} was never read: read it, or call cancel() on it`,
  );
  channel.cancel();
}
