import type { Payload } from "./payload.ts";

/**
 * How the caller wants the function run.
 *
 * `DryRun` of the Invoke API is not here: it is answered by the door and never becomes an invocation.
 */
export type InvocationType = "RequestResponse" | "Event";

/** One wish to run the function once, whatever door it came through. */
export interface Invocation {
  /** UUID in lower case: `x-amzn-RequestId`, `Lambda-Runtime-Aws-Request-Id`, START, END and REPORT. */
  readonly requestId: string;
  /** The function's own name: what a router looks up. */
  readonly functionName: string;
  /** What the caller wrote for the name and qualifier in it, where the door knows: a queue may be called so. */
  readonly writtenName?: string;
  /** Version or alias the caller gave, `undefined` when none. */
  readonly qualifier: string | undefined;
  /** The ARN as the caller addressed the function: with a qualifier only when one was given. */
  readonly invokedFunctionArn: string;
  readonly type: InvocationType;
  /** The event, byte for byte. */
  readonly payload: Payload;
  /** Content type of the event; `application/json` when the caller gave none. */
  readonly contentType: string;
  /** `X-Amzn-Trace-Id`: `Root=…;Parent=…;Sampled=…`. */
  readonly traceId: string;
  /** JSON text, already base64-decoded from the Invoke header. */
  readonly clientContext: string | undefined;
  /** JSON text `{"cognitoIdentityId":…,"cognitoIdentityPoolId":…}`. */
  readonly cognitoIdentity: string | undefined;
  readonly tenantId: string | undefined;
  /** The caller wants the last 4096 bytes of this invocation's log in the result. */
  readonly logTail: boolean;
  /**
   * When the caller stops waiting, on the monotonic clock (`Clock.nowMs`); `undefined`: not known.
   * The function is stopped then, if its own timeout is not earlier.
   */
  readonly expiresAtMs: number | undefined;
  /** Where the response goes piece by piece; `undefined` when the caller wants it whole. */
  readonly stream: ResponseStream | undefined;
}

/**
 * Takes a response as the function produces it. Given by the door of a streaming caller.
 *
 * It never fails towards the function: when the caller has gone, it takes and drops what comes.
 */
export interface ResponseStream {
  /** Called once, before the first byte, with the content type that the runtime named. */
  start(contentType: string): void;
  /** Takes one piece. `false`: full, send no more until `onDrain` has called back. */
  write(chunk: Uint8Array): boolean;
  /** Calls back once, when a stream that answered `false` takes bytes again. */
  onDrain(listener: () => void): void;
}
