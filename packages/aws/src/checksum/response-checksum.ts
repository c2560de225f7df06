import { ChecksumError } from "../client/errors.ts";
import { checksum, type ChecksumAlgorithm } from "./checksum.ts";
import { crc32 } from "./crc32.ts";

/** The checksum that a response is validated by. */
export interface ResponseChecksum {
  readonly algorithm: ChecksumAlgorithm;
  /** Base64, as the service sent it. */
  readonly expected: string;
}

const PREFIX = "x-amz-checksum-";

/** Cheapest first, by measured cost per MiB. */
const BY_COST: readonly (readonly [string, ChecksumAlgorithm])[] = [
  [`${PREFIX}crc32`, "CRC32"],
  [`${PREFIX}sha1`, "SHA1"],
  [`${PREFIX}sha256`, "SHA256"],
  [`${PREFIX}sha512`, "SHA512"],
  [`${PREFIX}crc32c`, "CRC32C"],
  [`${PREFIX}md5`, "MD5"],
  [`${PREFIX}crc64nvme`, "CRC64NVME"],
];

/**
 * Chooses the cheapest checksum of a response that covers the bytes of its body. None covers a part
 * of an object (206), and a value `…-N` is one of a multipart upload's parts' checksums.
 *
 * @param headers - names in lower case and values, alternating
 */
export function chooseResponseChecksum(
  headers: readonly string[],
  status: number,
): ResponseChecksum | undefined {
  if (status === 206) return undefined;
  let best = BY_COST.length;
  let expected = "";
  for (let index = 0; index < headers.length; index += 2) {
    const name = headers[index] as string;
    if (!name.startsWith(PREFIX)) continue;
    const value = headers[index + 1] as string;
    if (name === "x-amz-checksum-type" && value === "COMPOSITE") return undefined;
    const rank = rankOf(name);
    if (rank >= best || value.includes("-")) continue;
    best = rank;
    expected = value;
  }
  const algorithm = BY_COST[best]?.[1];
  return algorithm === undefined ? undefined : { algorithm, expected };
}

function rankOf(name: string): number {
  for (let rank = 0; rank < BY_COST.length; rank++) {
    if (BY_COST[rank]?.[0] === name) return rank;
  }
  return BY_COST.length;
}

/**
 * Validates a body that is in memory.
 *
 * @throws ChecksumError
 */
export function validateChecksum({ algorithm, expected }: ResponseChecksum, body: Buffer): void {
  const actual = checksum(algorithm, body);
  if (actual !== expected) throw new ChecksumError(algorithm, expected, actual);
}

/**
 * Validates DynamoDB's `x-amz-crc32`, which covers the body as it was received (compressed, if it
 * was). Does nothing when the header is absent or no number.
 *
 * @throws ChecksumError
 */
export function validateDynamoDbCrc32(expected: string | undefined, body: Buffer): void {
  if (expected === undefined) return;
  const value = Number(expected);
  if (expected === "" || !Number.isInteger(value)) return;
  const actual = crc32(body);
  if (actual !== value) throw new ChecksumError("CRC32", expected, String(actual));
}
