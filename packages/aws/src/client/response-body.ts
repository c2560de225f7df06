import type { Readable } from "node:stream";
import { BodyReader } from "./body-reader.ts";
import { AbortError, ResponseParseError } from "./errors.ts";
import type { BodyStream } from "./body-stream.ts";
import { onForgotten, remembered } from "./on-forgotten.ts";

/**
 * The body of a streaming output: bytes that have arrived already, or a stream that holds a
 * connection until it is read or cancelled. Read it once, in any of its forms.
 */
export class ResponseBody implements AsyncIterable<Buffer>, AsyncDisposable {
  /** Bytes in all, if known. */
  readonly length: number | undefined;
  #bytes: Buffer | undefined;
  #channel: BodyStream | undefined;
  #used = false;
  readonly #forget: (() => void) | undefined;

  /** @param forget called when a stream becomes unreachable before it was read to its end. */
  constructor(source: Buffer | BodyStream, forget?: () => void) {
    if (Buffer.isBuffer(source)) {
      this.#bytes = source;
    } else {
      this.#channel = source;
      this.#forget = forget;
      if (forget !== undefined) onForgotten(this, forget);
    }
    this.length = source.length;
  }

  /** What a body is made of, for transfers; it counts as read. @throws TypeError when it is read already. */
  static take(body: ResponseBody): Buffer | BodyStream {
    return body.#take();
  }

  /** All bytes. */
  async bytes(): Promise<Buffer> {
    const source = this.#take();
    if (Buffer.isBuffer(source)) return source;
    return source.length === undefined ? collect(source) : collectInto(source, source.length);
  }

  async text(encoding: BufferEncoding = "utf8"): Promise<string> {
    return (await this.bytes()).toString(encoding);
  }

  /** @throws ResponseParseError when the body is not JSON. */
  async json(): Promise<unknown> {
    const text = await this.text();
    try {
      return JSON.parse(text) as unknown;
    } catch (cause) {
      throw new ResponseParseError("Cannot parse the body: it is not JSON", text, cause);
    }
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.bytes();
    return new Uint8Array(bytes).buffer;
  }

  async blob(): Promise<Blob> {
    return new Blob([new Uint8Array(await this.bytes())]);
  }

  /** The official SDK's name of `bytes`. */
  transformToByteArray(): Promise<Buffer> {
    return this.bytes();
  }

  /** The official SDK's name of `text`. */
  transformToString(encoding?: BufferEncoding): Promise<string> {
    return this.text(encoding);
  }

  /** The official SDK's name of `webStream`. */
  transformToWebStream(): ReadableStream<Uint8Array> {
    return this.webStream();
  }

  /** A Node stream. */
  stream(): Readable {
    const { Readable } = process.getBuiltinModule("node:stream");
    return Readable.from(this[Symbol.asyncIterator](), { objectMode: false });
  }

  /** Writes all into a Node stream and ends it; with back-pressure. Rejects when either side fails. */
  async pipe(destination: NodeJS.WritableStream): Promise<void> {
    const { pipeline } = process.getBuiltinModule("node:stream/promises");
    await pipeline(piecesFor(destination, this[Symbol.asyncIterator]()), destination);
  }

  /** A web stream. */
  webStream(): ReadableStream<Uint8Array> {
    const iterator = this[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await iterator.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await iterator.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The pieces as they arrive. */
  [Symbol.asyncIterator](): AsyncIterableIterator<Buffer, undefined> {
    const source = this.#take();
    return Buffer.isBuffer(source) ? once(source) : new BodyReader(source, this.#forget);
  }

  /**
   * Gives up a body that is not wanted: its connection is used again when at most 64 KiB are left,
   * else closed. Whoever reads it at that time gets an `AbortError`. No effect once it has been read.
   */
  cancel(): Promise<void> {
    this.#bytes = undefined;
    this.#used = true;
    remembered(this);
    this.#channel?.cancel(new AbortError(new Error("The body was cancelled while it was read")));
    return Promise.resolve();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.cancel();
  }

  #take(): Buffer | BodyStream {
    const source = this.#bytes ?? this.#channel;
    if (this.#used || source === undefined) {
      throw new TypeError("Cannot read the body: it has been read or cancelled already");
    }
    this.#used = true;
    this.#bytes = undefined;
    remembered(this);
    return source;
  }
}

/**
 * The pieces of a body on their way into a Node stream. `pipeline` would wait for ever for one that
 * somebody else has ended.
 *
 * @yields the pieces, as they are.
 * @throws an error with the code `ERR_STREAM_WRITE_AFTER_END`.
 */
export async function* piecesFor(
  target: NodeJS.WritableStream & {
    readonly writableEnded?: boolean;
    readonly writableFinished?: boolean;
  },
  body: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer, undefined> {
  for await (const piece of body) {
    if (target.writableEnded === true) throw targetEnded();
    yield piece;
  }
  if (target.writableFinished === true) throw targetEnded();
  return undefined;
}

function targetEnded(): Error {
  const message = "Cannot write the body: its target has been ended by somebody else";
  return Object.assign(new Error(message), { code: "ERR_STREAM_WRITE_AFTER_END" });
}

async function* once(bytes: Buffer): AsyncGenerator<Buffer, undefined> {
  if (bytes.length > 0) yield bytes;
  return undefined;
}

async function collect(channel: BodyStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of channel) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function collectInto(channel: BodyStream, length: number): Promise<Buffer> {
  let bytes: Buffer;
  try {
    bytes = Buffer.allocUnsafe(length);
  } catch (cause) {
    channel.cancel();
    throw new ResponseParseError(
      `Cannot read the body: there is no memory for its ${length} bytes; read it as a stream`,
      "",
      cause,
    );
  }
  channel.into?.(bytes);
  let filled = 0;
  for await (const chunk of channel) {
    const isThere = chunk.buffer === bytes.buffer && chunk.byteOffset === bytes.byteOffset + filled;
    if (!isThere) chunk.copy(bytes, filled);
    filled += chunk.length;
  }
  return bytes.subarray(0, filled);
}
