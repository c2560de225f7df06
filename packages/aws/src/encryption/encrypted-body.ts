import { crypto } from "../builtin/crypto.ts";
import type { BodySource } from "../request-body/body-source.ts";
import { GCM_PLAIN_BYTES_MAX, TAG_BYTES } from "./algorithms.ts";
import { BLOCK_BYTES } from "./limits.ts";
import { ReplayGuard } from "./replay-guard.ts";

const { createCipheriv } = crypto;

/** Key and vector of one object. They encrypt one plaintext and no other. */
export interface ContentKey {
  readonly key: Uint8Array;
  readonly iv: Uint8Array;
}

/** The ciphertext with its tag, of all of a body that is small. @param length bytes that it must have. */
export async function encryptAtOnce(
  source: BodySource,
  length: number,
  { key, iv }: ContentKey,
): Promise<Buffer> {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  const pieces: Buffer[] = [];
  let read = 0;
  for await (const chunk of source.open()) {
    read = grown(read, chunk.length, length);
    pieces.push(cipher.update(chunk));
  }
  checkComplete(read, length);
  cipher.final();
  pieces.push(cipher.getAuthTag());
  return Buffer.concat(pieces);
}

/**
 * The ciphertext with its tag as a body for a request: a function where the source can be read again,
 * else an iterable, which is read once.
 *
 * @param length bytes of the plaintext, if known: anything else is an error, before the tag.
 */
export function encryptingBody(
  source: BodySource,
  length: number | undefined,
  contentKey: ContentKey,
): AsyncIterable<Uint8Array> | (() => AsyncIterable<Uint8Array>) {
  if (!source.replayable || length === undefined) return encrypt(source, length, contentKey);
  const guard = new ReplayGuard(Math.ceil(length / BLOCK_BYTES));
  return () => encrypt(source, length, contentKey, guard);
}

async function* encrypt(
  source: BodySource,
  length: number | undefined,
  { key, iv }: ContentKey,
  guard?: ReplayGuard,
): AsyncGenerator<Uint8Array, void, undefined> {
  const cipher = createCipheriv("aes-256-gcm", key, iv, { authTagLength: TAG_BYTES });
  let [read, index] = [0, 0];
  for await (const block of blocks(source.open())) {
    read = grown(read, block.length, length);
    guard?.check(index, block);
    index += 1;
    yield cipher.update(block);
  }
  checkComplete(read, length);
  cipher.final();
  yield cipher.getAuthTag();
}

// A body in blocks of one size, the last one aside: a repeated reading has the same ones.
async function* blocks(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let open: Buffer | undefined;
  let filled = 0;
  for await (const chunk of chunks) {
    let at = 0;
    while (at < chunk.length) {
      if (open === undefined && chunk.length - at >= BLOCK_BYTES) {
        yield chunk.subarray(at, at + BLOCK_BYTES);
        at += BLOCK_BYTES;
        continue;
      }
      open ??= Buffer.allocUnsafe(BLOCK_BYTES);
      const size = Math.min(chunk.length - at, BLOCK_BYTES - filled);
      open.set(chunk.subarray(at, at + size), filled);
      filled += size;
      at += size;
      if (filled < BLOCK_BYTES) continue;
      yield open;
      // The cipher has made bytes of its own from them.
      filled = 0;
      open = undefined;
    }
  }
  if (open !== undefined) yield open.subarray(0, filled);
}

function grown(read: number, more: number, length: number | undefined): number {
  const total = read + more;
  if (length !== undefined && total > length) {
    throw new RangeError(`Cannot send the body: it has more bytes than the ${length} announced`);
  }
  if (total > GCM_PLAIN_BYTES_MAX) throw tooLong(total);
  return total;
}

function checkComplete(read: number, length: number | undefined): void {
  if (length === undefined || read === length) return;
  throw new RangeError(`Cannot send the body: it has ${read} bytes, not the ${length} announced`);
}

/** More than one key may encrypt. */
export function tooLong(length: number): RangeError {
  return new RangeError(
    `Cannot encrypt a body of ${length} bytes: AES-GCM takes at most ${GCM_PLAIN_BYTES_MAX}; store it as several objects`,
  );
}
