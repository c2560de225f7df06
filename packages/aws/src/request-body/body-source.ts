import { fs } from "../builtin/fs.ts";
import { BlobSource } from "./blob-source.ts";
import { BytesSource } from "./bytes-source.ts";
import { CountedSource } from "./counted-source.ts";
import { FileSource, isFileInput, readStreamSource } from "./file-source.ts";
import { FunctionSource } from "./function-source.ts";
import { answerBodySource, ArraySource, isAnswerBody, iterableSource } from "./iterable-source.ts";
import { isNodeStream, nodeStreamSource } from "./node-stream-source.ts";
import { webStreamSource } from "./web-stream-source.ts";

/** The bytes of a request's body, wherever they come from. */
export interface BodySource {
  /** Bytes in all, if known. */
  readonly length: number | undefined;
  /** The bytes can be read more than once. */
  readonly replayable: boolean;
  /** Bytes have been taken from a source that gives them once: it cannot be opened again. */
  readonly taken: boolean;
  /**
   * Starts to read. Errors of the source come out of the iteration, which releases the source when
   * it ends, also early. @throws TypeError when the bytes are gone.
   */
  open(): AsyncIterable<Uint8Array>;
  /** As `open`, for bytes that go to the wire and are not only looked at; absent where it is the same. */
  send?(): AsyncIterable<Uint8Array>;
  /** Reads as many bytes as the target has from a position on; absent where that takes a copy. */
  readInto?(target: Uint8Array, start: number): Promise<void>;
  /** A part of it; absent where there is none without reading. `end` is exclusive. */
  slice?(start: number, end: number): BodySource;
  /** The source is not read any more: closes what it holds. */
  discard(): void;
}

/**
 * The source of a value that a streaming member takes: text (UTF-8), bytes, a `Blob`, a file, a web
 * stream, a Node stream, an (async) iterable of bytes or text, or a function that gives one of
 * these: the latter is called for each attempt, so such a body can be sent again. Opens nothing; the
 * size of a file is read.
 *
 * @throws TypeError for a value that is none of these; an error of the file system for a file that
 * cannot be sized.
 */
export function bodySource(value: unknown): BodySource {
  const known = knownSource(value);
  if (known !== undefined) return known;
  if (typeof value === "function") {
    const open = value as () => unknown;
    return new FunctionSource(async () => bodySource(await open()));
  }
  const given = value === null ? "null" : typeof value;
  throw new TypeError(
    `Cannot send a body of type ${given}: give text, bytes, a Blob, a stream, an iterable of bytes, { path }, or a function that opens one of these`,
  );
}

function knownSource(value: unknown): BodySource | undefined {
  if (value instanceof CountedSource) return value;
  if (typeof value === "string") return new BytesSource(Buffer.from(value));
  if (typeof value !== "object" || value === null) return undefined;
  if (ArrayBuffer.isView(value)) {
    return new BytesSource(Buffer.from(value.buffer, value.byteOffset, value.byteLength));
  }
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    return new BytesSource(Buffer.from(value));
  }
  if (value instanceof Blob) return new BlobSource(value);
  if (value instanceof fs.ReadStream) return readStreamSource(value) ?? nodeStreamSource(value);
  if (isNodeStream(value)) return nodeStreamSource(value);
  if (value instanceof ReadableStream) return webStreamSource(value);
  if (Array.isArray(value)) return new ArraySource(value);
  if (isAnswerBody(value)) return answerBodySource(value);
  if (Symbol.asyncIterator in value || Symbol.iterator in value) {
    return iterableSource(value as AsyncIterable<unknown> | Iterable<unknown>);
  }
  return isFileInput(value) ? new FileSource(value) : undefined;
}
