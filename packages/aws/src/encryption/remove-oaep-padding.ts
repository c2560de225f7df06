import { crypto } from "./node-crypto.ts";

/**
 * Takes the padding EME-OAEP (with an empty label) off a block that RSA has decrypted, with hashes of
 * its own for the label and the mask. `undefined`: the padding is wrong; which part of it is not told
 * (RFC 8017, 7.1.2). All of it is looked at in any case, but nothing in JavaScript promises equal times.
 */
export function removeOaepPadding(
  block: Uint8Array,
  hash: "sha1" | "sha256",
  maskHash: "sha1" | "sha256",
): Buffer | undefined {
  const label = crypto().createHash(hash).digest();
  const size = label.length;
  if (block.length < 2 * size + 2) return undefined;
  const masked = block.subarray(1 + size);
  const seed = xor(block.subarray(1, 1 + size), mask(masked, size, maskHash));
  const data = xor(masked, mask(seed, masked.length, maskHash));
  let wrong = block[0] ?? 1;
  wrong |= crypto().timingSafeEqual(data.subarray(0, size), label) ? 0 : 1;
  // The message begins behind the first byte that is not 0, which is 1.
  let start = 0;
  for (let at = size; at < data.length; at += 1) {
    const byte = data[at] ?? 0;
    const first = start === 0 && byte !== 0;
    start |= first ? at + 1 : 0;
    wrong |= first ? byte ^ 1 : 0;
  }
  wrong |= start === 0 ? 1 : 0;
  return wrong === 0 ? data.subarray(start) : undefined;
}

/** MGF1 of RFC 8017, B.2.1. */
function mask(seed: Uint8Array, length: number, hash: string): Buffer {
  const pieces: Buffer[] = [];
  const counter = Buffer.alloc(4);
  for (let made = 0, index = 0; made < length; index += 1) {
    counter.writeUInt32BE(index);
    const piece = crypto().createHash(hash).update(seed).update(counter).digest();
    pieces.push(piece);
    made += piece.length;
  }
  return Buffer.concat(pieces, length);
}

function xor(left: Uint8Array, right: Uint8Array): Buffer {
  const out = Buffer.alloc(left.length);
  for (const [index, byte] of left.entries()) out[index] = byte ^ (right[index] ?? 0);
  return out;
}
