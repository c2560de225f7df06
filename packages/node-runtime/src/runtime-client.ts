/** One invocation as the host hands it over. */
export interface InvocationRequest {
  readonly requestId: string;
  /** Milliseconds since the Unix epoch. */
  readonly deadlineMs: number;
  readonly invokedFunctionArn: string;
  readonly traceId: string | undefined;
  /** JSON text. */
  readonly clientContext: string | undefined;
  /** JSON text. */
  readonly cognitoIdentity: string | undefined;
  readonly tenantId: string | undefined;
  /** The event as text: JSON unless the caller sent something else. */
  readonly event: string;
}

/** What a failure looks like on the wire: AWS's three members, in AWS's order. */
export interface ErrorBody {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** Takes a response piece by piece. Ends with `end` or with `fail`, once. */
export interface ResponseSink {
  /** Takes one piece, which must not change afterwards. `false`: send no more until `onDrain` called back. */
  write(chunk: Uint8Array): boolean;
  /** Calls back once, when a sink that answered `false` takes bytes again. */
  onDrain(listener: () => void): void;
  end(): void;
  /** Ends the response early and says why. */
  fail(error: ErrorBody): void;
}

/**
 * The Runtime API as a runtime uses it: over HTTP, or over the channel that a host of ours gives.
 *
 * Answers are queued; the `next` that follows in the same turn, or `flush`, sends them. So an answer
 * and the wish for the next event leave in one write. What goes wrong with an answer comes out of the
 * `next` after it.
 */
export interface RuntimeClient {
  /**
   * Waits for one invocation. Several calls may wait at once. While one waits, the process stays
   * alive; otherwise the client does not keep the event loop busy.
   */
  next(): Promise<InvocationRequest>;
  /** Answers with the function's result, JSON text. */
  respond(requestId: string, result: string): void;
  /** Answers that the function failed. */
  fail(requestId: string, error: ErrorBody): void;
  /** Says that the function could not be loaded. */
  failInit(error: ErrorBody): void;
  /** Starts to answer piece by piece. */
  stream(requestId: string, contentType: string): ResponseSink;
  /** Sends what is queued, and resolves when the process may end without losing it. */
  flush(): Promise<void>;
}
