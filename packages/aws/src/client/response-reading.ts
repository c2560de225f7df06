import { isErrorAnswer } from "../protocol/error-answer.ts";
import type { BufferedResponse, Output } from "../protocol/protocol.ts";
import type { Exchange, ExchangeProgress, ResponseHandler } from "../transport/transport.ts";
import { BodyChannel } from "./body-channel.ts";
import type { Call } from "./call.ts";
import { type ConnectionError, ResponseParseError, type TimeoutError } from "./errors.ts";
import { lazyEvents } from "./lazy-events.ts";
import { readServiceError } from "./read-error.ts";
import { ResponseBody } from "./response-body.ts";

/**
 * Bytes of a response that are read into memory; more is refused, unless the caller asks for it
 * (CL-19). The longest documents of AWS's have 25 MiB.
 */
const bufferedBytesMax = 128 * 1024 * 1024;
/** Bytes of an answer of failure. A document of AWS's has some hundred, a page of a proxy some thousand. */
const errorBytesMax = 4 * 1024 * 1024;
/** Memory that is taken because a header says so; what is beyond must have arrived. */
const trustedLengthMax = 16 * 1024 * 1024;

/** No headers. */
const none: readonly string[] = [];
const emptyBuffer: Buffer = Buffer.alloc(0);

/** Takes the responses of a call's attempts: reads them into memory, or lets their body stream. */
export class ResponseReading implements ResponseHandler {
  /** 0 while no head has arrived. */
  status = 0;
  headers: readonly string[] = none;
  readonly #call: Call;
  #exchange: Exchange | undefined;
  #bytes: Buffer = emptyBuffer;
  #received = 0;
  #channel: BodyChannel | undefined;

  constructor(call: Call) {
    this.#call = call;
  }

  /** Milliseconds that a body which streams has waited for its reader. */
  get unreadMs(): number {
    return this.#channel === undefined ? 0 : (this.#channel.unreadMs ?? Infinity);
  }

  /** Forgets the response of the attempt before. */
  reset(): void {
    this.status = 0;
    this.headers = none;
    this.#bytes = emptyBuffer;
    this.#received = 0;
  }

  /** The attempt is under way. */
  begin(exchange: Exchange): void {
    this.#exchange = exchange;
  }

  /** Ends the attempt, or the body that streams, with an error for its reader. */
  abort(error: Error): void {
    const exchange = this.#exchange;
    this.#exchange = undefined;
    this.#channel?.fail(error);
    exchange?.abort();
  }

  onHead(status: number, headers: string[], length: number | undefined): void {
    this.status = status;
    this.headers = headers;
    if (this.#streams(status, length)) this.#openStream(status, headers, length);
    else if (length !== undefined && length > 0) {
      if (length > this.#bytesMax()) this.#refuse();
      else this.#bytes = Buffer.allocUnsafe(Math.min(length, trustedLengthMax));
    }
  }

  onData(chunk: Buffer): void {
    if (this.#channel !== undefined) {
      this.#channel.push(chunk);
      return;
    }
    const end = this.#received + chunk.length;
    if (end > this.#bytes.length && !this.#grow(end)) return;
    chunk.copy(this.#bytes, this.#received);
    this.#received = end;
  }

  onEnd(): void {
    this.#exchange = undefined;
    if (this.#channel !== undefined) {
      this.#channel.end();
      return;
    }
    const bytes = this.#bytes;
    const response: BufferedResponse = {
      status: this.status,
      headers: this.headers,
      body: this.#received === bytes.length ? bytes : bytes.subarray(0, this.#received),
    };
    const call = this.#call;
    let output: Output;
    try {
      call.engine.rules?.response?.(call.operation, response);
      if (response.status >= 300) throw readServiceError(call, response);
      output = this.#read(response);
    } catch (error) {
      const failure = isErrorAnswer(error)
        ? readServiceError(call, { ...response, status: 500 })
        : (error as Error);
      call.onFailure(failure, response);
      return;
    }
    call.succeed(output);
  }

  onError(error: ConnectionError | TimeoutError, at: ExchangeProgress): void {
    this.#exchange = undefined;
    if (this.#channel !== undefined) this.#channel.fail(error);
    else this.#call.onFailure(error, undefined, at);
  }

  #grow(size: number): boolean {
    if (size > this.#bytesMax()) return this.#refuse();
    let grown: Buffer;
    try {
      grown = Buffer.allocUnsafe(Math.max(size, this.#bytes.length * 2, 4096));
    } catch (cause) {
      return this.#refuse(cause);
    }
    this.#bytes.copy(grown, 0, 0, this.#received);
    this.#bytes = grown;
    return true;
  }

  #bytesMax(): number {
    if (this.status >= 300) return errorBytesMax;
    const { operation, options } = this.#call;
    const isWanted = options?.body === "buffer" && operation.codec.streamingOutput !== undefined;
    return isWanted ? Number.POSITIVE_INFINITY : bufferedBytesMax;
  }

  #refuse(cause?: unknown): false {
    const reason =
      cause === undefined
        ? `it is longer than ${this.#bytesMax()} bytes`
        : "there is no memory for it";
    this.#exchange?.abort();
    this.#exchange = undefined;
    const start = this.#bytes.subarray(0, this.#received);
    this.#call.fail(new ResponseParseError(`Cannot read the response: ${reason}`, start, cause));
    return false;
  }

  /** Reads an answer of success that is in memory. */
  #read(response: BufferedResponse): Output {
    const { operation, engine, input } = this.#call;
    operation.verify(response);
    const { streamingOutput } = operation.codec;
    if (streamingOutput === undefined) {
      const output = operation.codec.parse(response);
      engine.rules?.output?.(operation, output, response, input);
      return output;
    }
    const { status, headers, body } = response;
    const output = operation.codec.parse({ status, headers, body: emptyBuffer });
    output[streamingOutput] = new ResponseBody(body);
    engine.rules?.output?.(operation, output, response, input);
    return output;
  }

  /** Whether the call resolves before the body has been read. */
  #streams(status: number, length: number | undefined): boolean {
    const { operation, options, engine } = this.#call;
    if (status >= 300) return false;
    if (operation.codec.eventOutput !== undefined) return true;
    if (operation.codec.streamingOutput === undefined) return false;
    const mode = options?.body ?? "auto";
    if (mode !== "auto") return mode === "stream";
    return length === undefined || length > engine.bufferBodyBelow;
  }

  /** The call resolves now; the body arrives while it is read. */
  #openStream(status: number, headers: string[], length: number | undefined): void {
    const call = this.#call;
    const { operation, engine } = call;
    const response: BufferedResponse = { status, headers, body: emptyBuffer };
    let output: Output;
    try {
      output = operation.codec.parse(response);
      engine.rules?.output?.(operation, output, response, call.input);
    } catch (error) {
      this.#exchange?.abort();
      call.onFailure(error as Error, response);
      return;
    }
    const observer = operation.observeBody(headers, status);
    const channel = new BodyChannel(length, observer, () => {
      this.#exchange = undefined;
      call.bodyClosed();
    });
    this.#channel = channel;
    if (this.#exchange !== undefined) channel.attach(this.#exchange);
    const { streamingOutput, eventOutput } = operation.codec;
    if (streamingOutput !== undefined) {
      output[streamingOutput] = new ResponseBody(channel, () => forgetBody(call, channel));
    } else if (eventOutput !== undefined) {
      const forget = (): void => forgetBody(call, channel);
      output[eventOutput.member] = lazyEvents(call, channel, eventOutput, headers, forget);
    }
    call.succeed(output, "open");
  }
}

/** A body that nobody can read any more: its connection is given back, with a warning. */
function forgetBody({ engine, operation }: Call, channel: BodyChannel): void {
  if (channel.hasEnded) return;
  engine.parts.options.logger?.warn(
    `The body of ${operation.name} was not read to its end: read it, or call cancel() on it`,
  );
  channel.cancel();
}
