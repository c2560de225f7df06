import { type InvokeResult, limits, payloadBytes, type ResponseStream } from "@lambdad/core";
import type { ResponseSink } from "../runtime-client.ts";

/**
 * The response of one call on its way to a caller that takes it piece by piece. It knows whether the
 * caller has been given anything, and so what the result of the call becomes.
 */
export class StreamedOutput implements ResponseSink {
  readonly #stream: ResponseStream;
  readonly #tooLarge: () => void;
  #state: "ready" | "started" | "ended" = "ready";
  #byteLength = 0;
  #stop: (() => void) | undefined;

  /** @param tooLarge - Called when the function has sent more than a streamed response may have. */
  constructor(stream: ResponseStream, tooLarge: () => void) {
    this.#stream = stream;
    this.#tooLarge = tooLarge;
  }

  /** Who is to be told that nothing is taken any more. */
  onStop(stop: () => void): void {
    this.#stop = stop;
  }

  start(contentType: string): void {
    if (this.#state !== "ready") return;
    this.#state = "started";
    this.#stream.start(contentType);
  }

  /** Drops what comes before the start and after the end. */
  write(chunk: Uint8Array): boolean {
    if (this.#state !== "started") return true;
    this.#byteLength += chunk.byteLength;
    if (this.#byteLength <= limits.streamedResponseBytesMax) return this.#stream.write(chunk);
    this.#tooLarge();
    return true;
  }

  onDrain(listener: () => void): void {
    if (this.#state === "started") this.#stream.onDrain(listener);
    else queueMicrotask(listener);
  }

  end(): void {
    // The result of the call ends it.
  }

  fail(): void {
    // So it does when it fails.
  }

  /**
   * Ends the response with the result of its call: sends one that is whole as one piece, and makes a
   * failure after the first piece the end of the stream.
   */
  finish(result: InvokeResult): InvokeResult {
    const { executedVersion, logTail } = result;
    const hasStarted = this.#state === "started";
    if (result.kind === "returned" && !hasStarted) {
      this.start(result.contentType);
      if (result.payload.byteLength > 0) this.write(payloadBytes(result.payload));
    }
    this.#state = "ended";
    this.#stop?.();
    if (result.kind === "streamed" || (result.kind === "failed" && !hasStarted)) return result;
    const error =
      result.kind === "failed"
        ? { errorType: result.errorType, payload: result.payload }
        : undefined;
    return { kind: "streamed", executedVersion, logTail, error };
  }
}
