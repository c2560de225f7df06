import { Writable, type WritableOptions } from "node:stream";
import type { ErrorBody, ResponseSink } from "./runtime-client.ts";
import { RuntimeError } from "./runtime-error.ts";

/** Content type of a streamed response whose function did not set one. */
const contentTypeDefault = "application/octet-stream";

type State =
  | { readonly kind: "ready"; readonly contentType: string }
  | { readonly kind: "started"; readonly sink: ResponseSink }
  | { readonly kind: "ended" };

type Callback = (error?: Error | null) => void;

/**
 * The `responseStream` of a streaming handler: a writable stream with AWS's `setContentType`.
 *
 * The response starts with the first byte, or at the end when there is none. A function that fails
 * before that has not started to answer, and fails as any other does.
 */
export class ResponseStream extends Writable {
  /** Called with a way to write, before the first byte: where `HttpResponseStream` puts its prelude. */
  _onBeforeFirstWrite: ((write: (chunk: string | Uint8Array) => void) => void) | undefined;
  readonly #start: (contentType: string) => ResponseSink;
  #state: State = { kind: "ready", contentType: contentTypeDefault };

  constructor(start: (contentType: string) => ResponseSink, options: WritableOptions = {}) {
    super({ ...options, decodeStrings: true });
    this.#start = start;
  }

  /**
   * Breaks the response off. `false` when it had not started, so that the error can be the whole
   * answer; a response that is complete stays as it is.
   */
  fail(error: ErrorBody): boolean {
    const state = this.#state;
    this.#state = { kind: "ended" };
    if (state.kind === "started") state.sink.fail(error);
    this.destroy();
    return state.kind !== "ready";
  }

  /**
   * @throws {RuntimeError} `Runtime.InvalidStreamingOperation` after the first write.
   * @throws {TypeError} for what can be no header.
   */
  setContentType(contentType: string): void {
    if (this.#state.kind !== "ready" || this.writableLength > 0) {
      throw new RuntimeError("InvalidStreamingOperation", "Cannot set content-type, too late.");
    }
    if (typeof contentType !== "string" || !/^[\x20-\x7e]{0,255}$/.test(contentType)) {
      throw new TypeError(
        "Cannot set content-type: it must be a text of up to 255 ASCII characters",
      );
    }
    this.#state = { kind: "ready", contentType };
  }

  /** Takes what a writable stream takes; anything else is written as JSON, as on AWS. */
  override write(chunk: unknown, ...rest: readonly unknown[]): boolean {
    const write = super.write.bind(this) as (...args: readonly unknown[]) => boolean;
    return write(isChunk(chunk) ? chunk : JSON.stringify(chunk), ...rest);
  }

  override end(...args: readonly unknown[]): this {
    const [chunk] = args;
    const end = super.end.bind(this) as (...args: readonly unknown[]) => this;
    if (isChunk(chunk) || typeof chunk === "function" || chunk === undefined || chunk === null) {
      return end(...args);
    }
    return end(JSON.stringify(chunk), ...args.slice(1));
  }

  override _write(chunk: Uint8Array, _encoding: string, callback: Callback): void {
    const sink = this.#started();
    if (sink === undefined || sink.write(chunk)) callback();
    else sink.onDrain(callback);
  }

  override _final(callback: Callback): void {
    this.#started()?.end();
    this.#state = { kind: "ended" };
    callback();
  }

  /** `undefined` once the response has ended. */
  #started(): ResponseSink | undefined {
    const state = this.#state;
    if (state.kind === "started") return state.sink;
    if (state.kind === "ended") return undefined;
    const sink = this.#start(state.contentType);
    this.#state = { kind: "started", sink };
    this._onBeforeFirstWrite?.((chunk) => sink.write(Buffer.from(chunk)));
    return sink;
  }
}

function isChunk(value: unknown): boolean {
  return typeof value === "string" || value instanceof Uint8Array;
}
