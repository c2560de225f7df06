import type { PutObjectCommandInput, PutObjectCommandOutput, S3Client } from "../../types/s3.d.ts";
import { crypto } from "../builtin/crypto.ts";
import { checksumMembers } from "../checksum/checksum-members.ts";
import type { Uploaded } from "../transfer/upload-types.ts";
import { type BodySource, bodySource } from "../request-body/body-source.ts";
import { GCM, GCM_IV_BYTES, GCM_PLAIN_BYTES_MAX, KEY_BYTES, TAG_BYTES } from "./algorithms.ts";
import { type ContentKey, encryptAtOnce, encryptingBody, tooLong } from "./encrypted-body.ts";
import {
  callOptions,
  type EncryptedPutOptions,
  type EncryptedUploadOptions,
} from "./encryption-options.ts";
import { isEnvelopeName, writeEnvelope } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";
import { ENCRYPT_FIRST_BYTES_MAX } from "./limits.ts";

/** Members of an input that speak of the bytes that are sent, and so cannot be known to the caller. */
const ofCiphertext: readonly string[] = ["ContentMD5", "WriteOffsetBytes", ...checksumMembers];

/** What is to be encrypted, and how. */
export interface Sealing {
  readonly keyring: Keyring;
  readonly input: PutObjectCommandInput;
  readonly options: Pick<EncryptedPutOptions, "encryptionContext" | "signal" | "abortSignal">;
  /** For uploads in parts, which need no length: the body is read once. */
  readonly inParts: boolean;
}

/** `PutObject` of an object that is encrypted before it leaves. */
export async function putEncrypted(
  s3: S3Client,
  sealing: Sealing,
  options: EncryptedPutOptions,
): Promise<PutObjectCommandOutput> {
  return withSource(sealing, async (source) =>
    s3.putObject(await seal(source, sealing), callOptions(options)),
  );
}

/** `upload` of an object that is encrypted on its way. */
export async function uploadEncrypted(
  s3: S3Client,
  sealing: Sealing,
  { encryptionContext: _context, ...options }: EncryptedUploadOptions,
): Promise<Uploaded> {
  return withSource(sealing, async (source) => s3.upload(await seal(source, sealing), options));
}

/** Runs with the source of the body, and closes it if that fails. @throws TypeError for a bad input */
async function withSource<T>(
  { input }: Sealing,
  run: (source: BodySource) => Promise<T>,
): Promise<T> {
  checkInput(input);
  const source = bodySource(input.Body ?? "");
  try {
    return await run(source);
  } catch (error) {
    source.discard();
    throw error;
  }
}

/** The input with a body that is encrypted under a new key, and the envelope in its metadata. */
async function seal(
  source: BodySource,
  { keyring, input, options, inParts }: Sealing,
): Promise<PutObjectCommandInput> {
  const length = plainLength(source, input, inParts);
  const dataKey = await keyring.generateDataKey({
    contentAlgorithm: GCM,
    encryptionContext: options.encryptionContext ?? {},
    signal: options.signal ?? options.abortSignal,
  });
  if (dataKey.plaintext.length !== KEY_BYTES) {
    throw new TypeError(`Cannot encrypt: the keyring's key must have ${KEY_BYTES} bytes`);
  }
  const iv = crypto.randomBytes(GCM_IV_BYTES);
  // It is overwritten after use, and a keyring may keep what it gave: that must not be the next key.
  const contentKey = { key: Uint8Array.from(dataKey.plaintext), iv };
  const Metadata = { ...input.Metadata, ...writeEnvelope(dataKey, iv, length) };
  const Body = await sealedBody(source, { length, contentKey, inParts });
  const ContentLength = length === undefined ? undefined : length + TAG_BYTES;
  return { ...input, Metadata, Body, ContentLength };
}

interface BodyPlan {
  readonly length: number | undefined;
  readonly contentKey: ContentKey;
  readonly inParts: boolean;
}

async function sealedBody(
  source: BodySource,
  { length, contentKey, inParts }: BodyPlan,
): Promise<NonNullable<PutObjectCommandInput["Body"]>> {
  // What is at hand and small is encrypted once: all attempts send the same bytes.
  if (source.length !== undefined && source.length <= ENCRYPT_FIRST_BYTES_MAX) {
    const bytes = await encryptAtOnce(source, source.length, contentKey);
    contentKey.key.fill(0);
    return bytes;
  }
  const body = encryptingBody(source, length, contentKey);
  // Parts are kept until they have arrived: nothing is encrypted twice.
  return inParts && typeof body === "function" ? body() : body;
}

function plainLength(
  source: BodySource,
  { ContentLength }: PutObjectCommandInput,
  inParts: boolean,
): number | undefined {
  const given =
    typeof ContentLength === "bigint" ? Number(ContentLength) : (ContentLength ?? undefined);
  if (given !== undefined && !(Number.isSafeInteger(given) && given >= 0)) {
    throw new RangeError(
      `Cannot send the body: ContentLength is "${given}"; give a number of bytes`,
    );
  }
  const length = source.length ?? given;
  if (given !== undefined && given !== length) {
    throw new RangeError(
      `Cannot send the body: it has ${length ?? 0} bytes, ContentLength says ${given}; give the length of the plaintext, or none`,
    );
  }
  if (length === undefined && !inParts) {
    throw new TypeError(
      "Cannot put the object: the length of its body is not known, and S3 needs it; give ContentLength (of the plaintext), a file, or bytes, or use upload",
    );
  }
  if (length !== undefined && length > GCM_PLAIN_BYTES_MAX) throw tooLong(length);
  return length;
}

function checkInput(input: PutObjectCommandInput): void {
  for (const name of ofCiphertext) {
    const value = (input as unknown as Record<string, unknown>)[name];
    if (value === undefined || value === null) continue;
    throw new TypeError(
      `Cannot put an encrypted object with ${name}: it would be that of the ciphertext, which is not known before; leave it out (ChecksumAlgorithm has one made)`,
    );
  }
  for (const name of Object.keys(input.Metadata ?? {})) {
    if (!isEnvelopeName(name.toLowerCase())) continue;
    throw new TypeError(
      `Cannot put an encrypted object with the metadata "${name}": it is its own`,
    );
  }
}
