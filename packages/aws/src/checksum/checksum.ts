import type { Hash } from "node:crypto";
import { crypto } from "../builtin/crypto.ts";
import { crc32 } from "./crc32.ts";
import { crc32c } from "./crc32c.ts";
import { Crc64Nvme } from "./crc64-nvme.ts";

const { createHash, hash } = crypto;

/** The algorithms that are computed here, by their names in the models. */
export type ChecksumAlgorithm =
  | "CRC32"
  | "CRC32C"
  | "CRC64NVME"
  | "SHA1"
  | "SHA256"
  | "SHA512"
  | "MD5";

/** Bytes of each algorithm's value. */
const DIGEST_BYTES: Readonly<Record<ChecksumAlgorithm, number>> = {
  CRC32: 4,
  CRC32C: 4,
  CRC64NVME: 8,
  SHA1: 20,
  SHA256: 32,
  SHA512: 64,
  MD5: 16,
};

/** Whether a name of the model (`CRC32`, `XXHASH64`) is an algorithm that is computed here. */
export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return Object.hasOwn(DIGEST_BYTES, name);
}

/** Length of an algorithm's value in base64. */
export function checksumTextLength(algorithm: ChecksumAlgorithm): number {
  return Math.ceil(DIGEST_BYTES[algorithm] / 3) * 4;
}

/** Header and trailer of an algorithm: `x-amz-checksum-crc32`. */
export function checksumHeader(algorithm: string): string {
  return `x-amz-checksum-${algorithm.toLowerCase()}`;
}

/** A checksum of bytes that come in pieces. */
export interface Checksum {
  update(data: Uint8Array): void;
  /** Value in base64; the checksum is finished. */
  digest(): string;
}

/** Base64 of the big-endian checksum of data; text is taken as UTF-8. */
export function checksum(algorithm: ChecksumAlgorithm, data: string | Uint8Array): string {
  if (algorithm === "CRC32") return base64OfUint32(crc32(data));
  if (algorithm === "CRC32C") return base64OfUint32(crc32c(bytesOf(data)));
  if (algorithm === "CRC64NVME") {
    const crc = new Crc64Nvme();
    crc.update(bytesOf(data));
    return crc.digest().toString("base64");
  }
  return hash(algorithm, data, "base64");
}

/** Starts the checksum of bytes that come in pieces. */
export function createChecksum(algorithm: ChecksumAlgorithm): Checksum {
  if (algorithm === "CRC32") return new Crc32Checksum(crc32);
  if (algorithm === "CRC32C") return new Crc32Checksum(crc32c);
  if (algorithm === "CRC64NVME") return new Crc64Checksum();
  return new HashChecksum(algorithm);
}

class Crc32Checksum implements Checksum {
  readonly #compute: (data: Uint8Array, seed: number) => number;
  #value = 0;

  constructor(compute: (data: Uint8Array, seed: number) => number) {
    this.#compute = compute;
  }

  update(data: Uint8Array): void {
    this.#value = this.#compute(data, this.#value);
  }

  digest(): string {
    return base64OfUint32(this.#value);
  }
}

class Crc64Checksum implements Checksum {
  readonly #crc = new Crc64Nvme();

  update(data: Uint8Array): void {
    this.#crc.update(data);
  }

  digest(): string {
    return this.#crc.digest().toString("base64");
  }
}

class HashChecksum implements Checksum {
  readonly #hash: Hash;

  constructor(algorithm: string) {
    this.#hash = createHash(algorithm);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  digest(): string {
    return this.#hash.digest("base64");
  }
}

function bytesOf(data: string | Uint8Array): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data;
}

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The four bytes in base64, without a buffer: this runs for each upload. */
function base64OfUint32(value: number): string {
  return (
    ALPHABET.charAt(value >>> 26) +
    ALPHABET.charAt((value >>> 20) & 63) +
    ALPHABET.charAt((value >>> 14) & 63) +
    ALPHABET.charAt((value >>> 8) & 63) +
    ALPHABET.charAt((value >>> 2) & 63) +
    ALPHABET.charAt((value << 4) & 63) +
    "=="
  );
}
