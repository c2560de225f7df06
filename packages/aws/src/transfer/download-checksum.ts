import { type Checksum, type ChecksumAlgorithm, createChecksum } from "../checksum/checksum.ts";
import { fs } from "../builtin/fs.ts";
import type { CallByName } from "../client/call-by-name.ts";
import { ChecksumError } from "../client/errors.ts";
import type { BodyObserver } from "../client/body-channel.ts";
import type { CallOptions } from "../client/options.ts";
import type { Input } from "../protocol/protocol.ts";

/** Cheapest first. */
const members: readonly (readonly [member: string, ChecksumAlgorithm])[] = [
  ["ChecksumCRC32", "CRC32"],
  ["ChecksumSHA1", "SHA1"],
  ["ChecksumSHA256", "SHA256"],
  ["ChecksumSHA512", "SHA512"],
  ["ChecksumCRC32C", "CRC32C"],
  ["ChecksumMD5", "MD5"],
  ["ChecksumCRC64NVME", "CRC64NVME"],
];
/** Members that `HeadObject` takes, too. */
const shared = [
  "Bucket",
  "Key",
  "VersionId",
  "SSECustomerAlgorithm",
  "SSECustomerKey",
  "SSECustomerKeyMD5",
  "RequestPayer",
  "ExpectedBucketOwner",
  "ChecksumMode",
] as const;

/** The checksum of a whole object, and the one of what has come so far. */
export class ObjectChecksum implements BodyObserver {
  readonly #algorithm: ChecksumAlgorithm;
  readonly #expected: string;
  readonly #running: Checksum;

  constructor(algorithm: ChecksumAlgorithm, expected: string) {
    this.#algorithm = algorithm;
    this.#expected = expected;
    this.#running = createChecksum(algorithm);
  }

  update(piece: Uint8Array): void {
    this.#running.update(piece);
  }

  finish(): Error | undefined {
    const actual = this.#running.digest();
    if (actual === this.#expected) return undefined;
    return new ChecksumError(this.#algorithm, this.#expected, actual);
  }

  /** @throws ChecksumError when a file has other bytes. */
  async checkFile(path: string): Promise<void> {
    for await (const piece of fs.createReadStream(path, { highWaterMark: 1024 * 1024 })) {
      this.update(piece as Buffer);
    }
    const refusal = this.finish();
    if (refusal !== undefined) throw refusal;
  }
}

/**
 * The checksum of the object whose parts are downloaded, where the input asks for it
 * (`ChecksumMode: "ENABLED"`): answers to ranges do not have it, so that it is asked for. There is
 * none where the object has none, or one of its parts' checksums.
 */
export async function objectChecksum(
  call: CallByName,
  input: Input,
  etag: string | undefined,
  options: CallOptions,
): Promise<ObjectChecksum | undefined> {
  const { ChecksumMode, Range, PartNumber } = input;
  const isWhole = Range === undefined && PartNumber === undefined;
  if (ChecksumMode !== "ENABLED" || !isWhole) return undefined;
  const head: Record<string, unknown> = {
    IfMatch: etag?.startsWith("W/") === true ? undefined : etag,
  };
  for (const member of shared) head[member] = input[member];
  const output = await call("HeadObject", head, options);
  if (output["ChecksumType"] === "COMPOSITE") return undefined;
  for (const [member, algorithm] of members) {
    const value = output[member];
    if (typeof value !== "string" || value.includes("-")) continue;
    return new ObjectChecksum(algorithm, value);
  }
  return undefined;
}
