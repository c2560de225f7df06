import { crypto } from "../builtin/crypto.ts";
import {
  checksumTextLength,
  createChecksum,
  type ChecksumAlgorithm,
} from "../checksum/checksum.ts";
import type { StreamingBody } from "../transport/transport.ts";
import type { ChunkSigner } from "./chunk-signer.ts";

const { createHash } = crypto;

/** Bytes of data in each chunk but the last. S3 takes no less than 8 KiB. */
export const CHUNK_BYTES = 65_536;

const SIGNATURE_LENGTH = 64;
const CHUNK_SIGNATURE = ";chunk-signature=";
const TRAILER_SIGNATURE = "x-amz-trailer-signature:";

/** What goes around the data. */
export interface AwsChunkedOptions {
  /** A checksum that follows the data. */
  readonly trailer?: { readonly name: string; readonly algorithm: ChecksumAlgorithm } | undefined;
  /** Signs the chunks and the trailer; called when the body is opened. Default: unsigned. */
  readonly signer?: (() => ChunkSigner) | undefined;
}

/**
 * Frames a body as `aws-chunked`. The length of the framed body is known if that of the data is; a
 * source that gives more or less than its length is an error.
 */
export function awsChunked(source: StreamingBody, options: AwsChunkedOptions): StreamingBody {
  const { length } = source;
  return {
    length: length === undefined ? undefined : awsChunkedLength(length, options),
    open: () => frame(source.open(), length, options),
  };
}

/** Bytes of a framed body, from those of its data. */
export function awsChunkedLength(decodedLength: number, options: AwsChunkedOptions): number {
  const signed = options.signer !== undefined;
  const full = Math.floor(decodedLength / CHUNK_BYTES);
  const rest = decodedLength % CHUNK_BYTES;
  let length = full * (chunkHeadLength(CHUNK_BYTES, signed) + CHUNK_BYTES + 2);
  if (rest > 0) length += chunkHeadLength(rest, signed) + rest + 2;
  length += chunkHeadLength(0, signed);
  const { trailer } = options;
  if (trailer !== undefined) {
    length += trailer.name.length + 1 + checksumTextLength(trailer.algorithm) + 2;
    if (signed) length += TRAILER_SIGNATURE.length + SIGNATURE_LENGTH + 2;
  }
  return length + 2;
}

/**
 * Adds the headers of a framed body: `content-encoding`, `x-amz-decoded-content-length`,
 * `x-amz-trailer`.
 */
export function addAwsChunkedHeaders(
  headers: string[],
  decodedLength: number,
  trailerName?: string,
): void {
  const at = headers.findIndex((text, index) => index % 2 === 0 && text === "content-encoding");
  if (at < 0) headers.push("content-encoding", "aws-chunked");
  else headers[at + 1] = `${headers[at + 1] ?? ""},aws-chunked`;
  headers.push("x-amz-decoded-content-length", String(decodedLength));
  if (trailerName !== undefined) headers.push("x-amz-trailer", trailerName);
}

function chunkHeadLength(size: number, signed: boolean): number {
  const signature = signed ? CHUNK_SIGNATURE.length + SIGNATURE_LENGTH : 0;
  return size.toString(16).length + signature + 2;
}

// The caller's bytes themselves, with the framing between them.
async function* frame(
  data: AsyncIterable<Uint8Array>,
  expected: number | undefined,
  { trailer, signer: startSigner }: AwsChunkedOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const signer = startSigner?.();
  const checksum = trailer === undefined ? undefined : createChecksum(trailer.algorithm);
  let total = 0;
  let pieces: Uint8Array[] = [];
  let size = 0;
  // The line break after a chunk travels with the head of the next.
  let lineBreak = "";
  for await (const bytes of data) {
    total += bytes.length;
    if (total > (expected ?? total)) throw lengthError(expected, `at least ${total}`);
    checksum?.update(bytes);
    for (let at = 0; at < bytes.length;) {
      const end = Math.min(bytes.length, at + CHUNK_BYTES - size);
      pieces.push(bytes.subarray(at, end));
      size += end - at;
      at = end;
      if (size < CHUNK_BYTES) continue;
      yield Buffer.from(lineBreak + chunkHead(pieces, size, signer), "latin1");
      yield* pieces;
      lineBreak = "\r\n";
      pieces = [];
      size = 0;
    }
  }
  if (total < (expected ?? total)) throw lengthError(expected, String(total));
  if (size > 0) {
    yield Buffer.from(lineBreak + chunkHead(pieces, size, signer), "latin1");
    yield* pieces;
    lineBreak = "\r\n";
  }
  let end = lineBreak + chunkHead([], 0, signer);
  if (trailer !== undefined && checksum !== undefined) {
    const line = `${trailer.name}:${checksum.digest()}`;
    end += `${line}\r\n`;
    if (signer !== undefined) end += `${TRAILER_SIGNATURE}${signer.signTrailer(`${line}\n`)}\r\n`;
  }
  yield Buffer.from(`${end}\r\n`, "latin1");
}

function chunkHead(
  pieces: readonly Uint8Array[],
  size: number,
  signer: ChunkSigner | undefined,
): string {
  if (signer === undefined) return `${size.toString(16)}\r\n`;
  const digest = createHash("sha256");
  for (const piece of pieces) digest.update(piece);
  return `${size.toString(16)}${CHUNK_SIGNATURE}${signer.signChunk(digest.digest("hex"))}\r\n`;
}

function lengthError(expected: number | undefined, actual: string): TypeError {
  return new TypeError(
    `Cannot send the body: its length is given as ${expected} bytes, its source gave ${actual}`,
  );
}
