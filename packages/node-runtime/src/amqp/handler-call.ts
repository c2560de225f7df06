import { type Clock, type Invocation, type InvokeResult, limits } from "@lambdad/core";
import { type FunctionEnvironment, isThenable, parsedMember } from "../invocation-context.ts";
import type { ScopedInvocation } from "../invocation-scope.ts";
import type { Handler } from "../load-handler.ts";
import type { LogError } from "../patch-console.ts";
import { decodeEvent } from "./decode-event.ts";
import { type EncodedResult, encodeResult } from "./encode-result.ts";
import { thrownResult, timedOutResult, tooLargeResult } from "./failed-results.ts";
import { LogTail } from "./log-tail.ts";
import type { RunningCall, RunningCalls } from "./running-calls.ts";
import { StreamedOutput } from "./streamed-output.ts";
import type { StreamingHandler } from "./streaming-handler.ts";

/** What the calls of one handler have in common. */
export interface CallHost {
  readonly handler: Handler;
  /** In the place of `handler`, when that streams its responses. */
  readonly streaming: StreamingHandler | undefined;
  /** Whether it may answer after it has returned nothing. */
  readonly answersLater: boolean;
  readonly environment: FunctionEnvironment;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly clock: Clock;
  readonly running: RunningCalls;
  readonly logError: LogError;
  /** A call was answered because its time was up; its code runs on. */
  readonly timedOut: (requestId: string, limitMs: number) => void;
}

type Settle = (result: InvokeResult) => void;

/**
 * One call of a handler, from its event to its answer. What comes after the answer, from a second
 * callback or after the deadline, is dropped.
 */
export class HandlerCall implements RunningCall, ScopedInvocation {
  readonly requestId: string;
  readonly traceId: string;
  readonly tenantId: string | undefined;
  readonly deadlineMs: number;
  previous: RunningCall | undefined = undefined;
  next: RunningCall | undefined = undefined;
  readonly #host: CallHost;
  readonly #startedMs: number;
  readonly #logTail: LogTail | undefined;
  /** When the caller takes the response piece by piece. */
  readonly #output: StreamedOutput | undefined;
  /** `undefined` once the call is answered. */
  #settle: Settle | undefined;
  /** Bytes only, and as long as the call runs. */
  #event: Uint8Array | undefined;

  constructor(invocation: Invocation, host: CallHost, timeoutMs: number, settle: Settle) {
    // Not the invocation: sockets and timers that a handler leaves behind keep its call, and that must
    // not keep the event.
    this.requestId = invocation.requestId;
    this.traceId = invocation.traceId;
    this.tenantId = invocation.tenantId;
    this.#host = host;
    this.#settle = settle;
    this.#logTail = invocation.logTail ? new LogTail() : undefined;
    const { stream } = invocation;
    this.#output = stream === undefined ? undefined : new StreamedOutput(stream, this.#tooLarge);
    this.#startedMs = host.clock.nowMs();
    const limitMs = this.#startedMs + timeoutMs;
    const { expiresAtMs } = invocation;
    this.deadlineMs = expiresAtMs !== undefined && expiresAtMs < limitMs ? expiresAtMs : limitMs;
  }

  /** Takes what its code logs, when the caller wants the end of it. */
  get logged(): ((line: string) => void) | undefined {
    return this.#logTail?.add;
  }

  /** Decodes the event and calls the handler. The call must be among those that run. */
  begin(invocation: Invocation): void {
    // Called on its own, so that the function's `this` gives nothing away.
    const { handler, streaming, answersLater } = this.#host;
    try {
      const event = decodeEvent(invocation.payload, invocation.contentType);
      if (event instanceof Uint8Array) this.#event = event;
      if (streaming !== undefined) {
        const response = streaming(event, this.#context(invocation), this.#output);
        response.then(this.#succeed, this.fail);
        return;
      }
      const returned = handler(event, this.#context(invocation), this.#callback);
      if (isThenable(returned)) returned.then(this.#succeed, this.fail);
      else if (returned !== undefined || !answersLater) this.#succeed(returned);
    } catch (error) {
      this.fail(error);
    }
  }

  /** Answers with an error, unless the call is answered already. */
  readonly fail = (error: unknown): void => {
    if (this.#settle === undefined) return;
    const { logError, version } = this.#host;
    logError("Invoke Error", error);
    this.#answer(thrownResult(error, version));
  };

  expire(): void {
    if (this.#settle !== undefined) this.#end(this.#timedOut());
  }

  readonly #succeed = (value?: unknown): void => {
    if (this.#settle === undefined) return;
    let encoded: EncodedResult;
    try {
      encoded = encodeResult(value, this.#event);
    } catch (error) {
      this.fail(error);
      return;
    }
    const { version } = this.#host;
    const { payload, contentType } = encoded;
    if (payload.byteLength > limits.syncPayloadBytesMax) {
      this.#answer(tooLargeResult(version));
      return;
    }
    this.#answer({
      kind: "returned",
      payload,
      contentType,
      executedVersion: version,
      logTail: undefined,
    });
  };

  readonly #tooLarge = (): void => {
    if (this.#settle === undefined) return;
    this.#answer(tooLargeResult(this.#host.version, limits.streamedResponseBytesMax));
  };

  readonly #callback = (error?: unknown, result?: unknown): void => {
    if (error !== undefined && error !== null) this.fail(error);
    else this.#succeed(result);
  };

  /** A handler that has blocked the event loop past its deadline is late although no timer has fired. */
  #answer(result: InvokeResult): void {
    const { running, clock } = this.#host;
    running.remove(this);
    this.#end(clock.nowMs() < this.deadlineMs ? result : this.#timedOut());
  }

  #end(result: InvokeResult): void {
    const settle = this.#settle;
    this.#settle = undefined;
    this.#event = undefined;
    const ended = this.#output?.finish(result) ?? result;
    const logTail = this.#logTail?.bytes;
    settle?.(logTail === undefined ? ended : { ...ended, logTail });
  }

  #timedOut(): InvokeResult {
    const { timedOut, version } = this.#host;
    const limitMs = this.deadlineMs - this.#startedMs;
    timedOut(this.requestId, limitMs);
    return timedOutResult(this.requestId, limitMs, version);
  }

  /** Own, enumerable members in AWS's order: functions copy, log and serialise this object. */
  #context(invocation: Invocation): object {
    const { deadlineMs } = this;
    const { clock, environment } = this.#host;
    return {
      // Without effect: where many calls run at once the event loop is never empty.
      callbackWaitsForEmptyEventLoop: true,
      succeed: this.#succeed,
      fail: (error?: unknown) => this.fail(error ?? "handled"),
      done: this.#callback,
      functionVersion: environment.functionVersion,
      functionName: environment.functionName,
      memoryLimitInMB: environment.memoryLimitInMB,
      logGroupName: environment.logGroupName,
      logStreamName: environment.logStreamName,
      clientContext: parsedMember(invocation.clientContext, "ClientContext"),
      identity: parsedMember(invocation.cognitoIdentity, "CognitoIdentity"),
      invokedFunctionArn: invocation.invokedFunctionArn,
      awsRequestId: invocation.requestId,
      tenantId: invocation.tenantId,
      xRayTraceId: invocation.traceId,
      getRemainingTimeInMillis: () => Math.floor(deadlineMs - clock.nowMs()),
    };
  }
}
