import { crypto } from "../builtin/crypto.ts";
import {
  checksum as checksumOf,
  checksumTextLength,
  createChecksum,
} from "../checksum/checksum.ts";
import { ParamValidationError } from "../client/errors.ts";
import { type BodySource, bodySource } from "../request-body/body-source.ts";
import { unknownLength } from "../client/unknown-length.ts";
import type { AskedChecksum } from "./object-members.ts";
import { releaseBody } from "./release-body.ts";
import type {
  Awaitable,
  ObjectChecksum,
  ObjectStorage,
  StagedBody,
  StoredBody,
} from "./object-storage.ts";
import type { StoreCall } from "./store-call.ts";
import { StoreFailure } from "./store-errors.ts";

const { createHash, hash } = crypto;

/** A body that has arrived. */
export interface ReceivedBody {
  readonly staged: StagedBody;
  readonly size: number;
  /** Of all bytes, in hexadecimal: the ETag without its quotes. */
  readonly md5: string;
  readonly checksum: ObjectChecksum | undefined;
}

/** What a body must be. */
export interface BodyExpectations {
  readonly checksum: AskedChecksum | undefined;
  /** Base64. */
  readonly contentMd5: string | null | undefined;
  readonly contentLength: number | bigint | null | undefined;
}

/**
 * Takes a body in, and checks that it is what the caller said of it.
 * @throws StoreFailure `BadDigest`, `InvalidDigest`, `IncompleteBody`, `EntityTooLarge`; what the source throws
 */
export function receiveBody(
  call: StoreCall,
  body: unknown,
  expected: BodyExpectations,
): Awaitable<ReceivedBody> {
  if (body === undefined || body === null) return receiveBytes(call, empty, expected);
  if (typeof body === "string") return receiveBytes(call, Buffer.from(body), expected, "ours");
  if (body instanceof Uint8Array) return receiveBytes(call, body, expected);
  const source = bodySource(body);
  call.source = source;
  checkLength(call, source, expected);
  return receivePieces(call, source.open(), expected);
}

const empty = new Uint8Array(0);

/** As S3: a store that takes more would let programs pass that fail there. */
function checkLength(
  { operation }: StoreCall,
  { length }: BodySource,
  { contentLength }: BodyExpectations,
): void {
  if (length !== undefined || (contentLength !== undefined && contentLength !== null)) return;
  throw new ParamValidationError(operation.name, [unknownLength("Body")]);
}

/** At once, before the caller has its turn again: digests and copy are of the same bytes. */
function receiveBytes(
  { storage }: StoreCall,
  bytes: Uint8Array,
  expected: BodyExpectations,
  owner: "ours" | "caller" = "caller",
): ReceivedBody {
  checkSize(bytes.length, storage);
  const { checksum } = expected;
  const size = bytes.length;
  const md5 = hash("md5", bytes, "hex");
  const value = checksum && checksumOf(checksum.algorithm, bytes);
  const failure = mismatch({ size, md5 }, value, expected);
  if (failure !== undefined) throw failure;
  const staged = owner === "ours" ? (bytes as Buffer) : storage.stageBytes(bytes);
  return { staged, size, md5, checksum: wholeChecksum(checksum, value) };
}

async function receivePieces(
  call: StoreCall,
  pieces: AsyncIterable<Uint8Array>,
  expected: BodyExpectations,
): Promise<ReceivedBody> {
  const { storage } = call;
  const md5 = createHash("md5");
  const running = expected.checksum && createChecksum(expected.checksum.algorithm);
  const lengthMax = Number(expected.contentLength ?? Infinity);
  let size = 0;
  let sourceError: unknown;
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    const iterator = pieces[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value: piece } = await call.whileOpen(iterator.next());
        if (done === true) return;
        // The caller has been told that the call has failed: nothing of it may stay.
        if (call.settled) throw new StoreFailure("IncompleteBody");
        size += piece.length;
        checkSize(size, storage);
        // A source without end is not waited for either.
        if (size > lengthMax) throw tooLong(lengthMax);
        md5.update(piece);
        running?.update(piece);
        yield piece;
      }
    } catch (error) {
      sourceError = error;
      throw error;
    } finally {
      // A source that never answers is not waited for.
      void leave(iterator);
    }
  }
  let staged: StagedBody;
  try {
    staged = await storage.stage(watched());
  } catch (error) {
    // A source that fails is no failure of the store, which may take it for its own.
    throw sourceError ?? error;
  }
  const body = { size, md5: md5.digest("hex") };
  const value = running?.digest();
  const failure = mismatch(body, value, expected);
  if (failure !== undefined) {
    await storage.discard(staged);
    throw failure;
  }
  return { staged, ...body, checksum: wholeChecksum(expected.checksum, value) };
}

/** Takes in the bytes of another object, and lets them go in any case. */
export async function receiveStored(
  call: StoreCall,
  body: StoredBody,
  checksum: AskedChecksum | undefined,
): Promise<ReceivedBody> {
  const expected = { checksum, contentMd5: undefined, contentLength: undefined };
  try {
    return await receivePieces(call, piecesOf(body), expected);
  } finally {
    releaseBody(body);
  }
}

async function* piecesOf(body: StoredBody): AsyncGenerator<Buffer, void, undefined> {
  if (Buffer.isBuffer(body)) yield body;
  else yield* body.read();
}

/** The caller has been told already that the call has failed: nothing of it may stay. */
export async function giveBack({ storage }: StoreCall, staged: StagedBody): Promise<never> {
  await storage.discard(staged);
  throw new StoreFailure("IncompleteBody");
}

/** Closes a body that a call has not begun to read, as a client that speaks HTTP does. */
export function discardBody(body: unknown): void {
  if (typeof body !== "object" || body === null || body instanceof Uint8Array) return;
  try {
    bodySource(body).discard();
  } catch {
    // It is no body, or it has ended.
  }
}

async function leave(iterator: AsyncIterator<unknown>): Promise<void> {
  try {
    await iterator.return?.();
  } catch {
    // The call has failed already, or the source is at its end.
  }
}

function wholeChecksum(
  asked: AskedChecksum | undefined,
  value: string | undefined,
): ObjectChecksum | undefined {
  if (asked === undefined || value === undefined) return undefined;
  return { algorithm: asked.algorithm, value, type: "FULL_OBJECT" };
}

/** What is wrong with bytes that have come, by what was said of them. */
function mismatch(
  { size, md5 }: Pick<ReceivedBody, "size" | "md5">,
  value: string | undefined,
  { checksum, contentMd5, contentLength }: BodyExpectations,
): StoreFailure | undefined {
  if (contentLength !== undefined && contentLength !== null && Number(contentLength) !== size) {
    return new StoreFailure("IncompleteBody", {
      message: `The body has ${size} bytes, ContentLength says ${contentLength}`,
    });
  }
  if (typeof contentMd5 === "string") {
    const wanted = Buffer.from(contentMd5, "base64");
    if (wanted.length !== 16) return new StoreFailure("InvalidDigest");
    if (wanted.toString("hex") !== md5) {
      return new StoreFailure("BadDigest", {
        message: "The Content-MD5 you specified did not match what we received",
        members: { ExpectedDigest: contentMd5, CalculatedDigest: md5 },
      });
    }
  }
  if (checksum?.expected !== undefined && checksum.expected !== value) {
    if (!isChecksumText(checksum.algorithm, checksum.expected)) {
      return new StoreFailure("InvalidRequest", {
        message: `Value for x-amz-checksum-${checksum.algorithm.toLowerCase()} header is invalid.`,
      });
    }
    return new StoreFailure("BadDigest", {
      message: `The ${checksum.algorithm} you specified did not match the calculated checksum`,
    });
  }
  return undefined;
}

function tooLong(length: number): StoreFailure {
  return new StoreFailure("IncompleteBody", {
    message: `The body has more than the ${length} bytes that ContentLength says`,
  });
}

function isChecksumText(algorithm: AskedChecksum["algorithm"], text: string): boolean {
  const canonical = Buffer.from(text, "base64").toString("base64") === text;
  return canonical && text.length === checksumTextLength(algorithm);
}

function checkSize(size: number, { maxObjectBytes, url }: ObjectStorage): void {
  if (size <= maxObjectBytes) return;
  throw new StoreFailure("EntityTooLarge", {
    message: `The body is larger than the ${maxObjectBytes} bytes that an object of the store "${url}" may have`,
    members: { MaxSizeAllowed: String(maxObjectBytes) },
  });
}
