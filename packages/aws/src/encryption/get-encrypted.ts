import type { GetObjectCommandInput, GetObjectCommandOutput, S3Client } from "../../types/s3.d.ts";
import type { ResponseBody } from "../client/response-body.ts";
import { GCM, GCM_PLAIN_BYTES_MAX, TAG_BYTES } from "./algorithms.ts";
import {
  type ByteRange,
  cipherRange,
  parseContentRange,
  parseRange,
  plainRange,
} from "./byte-range.ts";
import { contentDecipher, type ContentDecipher, rangeDecipher } from "./content-decipher.ts";
import { streamedBody, tooLarge, verifiedBody } from "./decrypted-body.ts";
import { DecryptionError } from "./decryption-error.ts";
import type { EncryptedGetOptions, ReadRules } from "./encryption-options.ts";
import { callOptions } from "./encryption-options.ts";
import { type Envelope, hasEnvelope, readEnvelope } from "./envelope.ts";
import type { Keyring } from "./keyring.ts";
import { ENCRYPT_FIRST_BYTES_MAX } from "./limits.ts";
import { plainOutput } from "./plain-output.ts";
import { readInstructionFile } from "./instruction-file.ts";

/** Everything that reading one object needs. */
interface Reading {
  readonly s3: S3Client;
  readonly keyring: Keyring;
  readonly rules: ReadRules;
  readonly input: GetObjectCommandInput;
  readonly options: EncryptedGetOptions;
}

/** `GetObject` of an object that was encrypted by a client: one request, and one more for an instruction file. */
export async function getEncrypted(reading: Reading): Promise<GetObjectCommandOutput> {
  const { s3, input, rules, options } = reading;
  const range = readRange(input, rules);
  const sent = range === undefined ? input : { ...input, Range: cipherRange(range) };
  const output = await s3.getObject(sent, callOptions(options));
  const body = output.Body;
  try {
    if (body === undefined) {
      throw new DecryptionError("Tampered", "it came without a body");
    }
    const envelope = await findEnvelope(reading, output);
    checkLegacy(envelope, rules);
    if (range !== undefined) {
      return await readPart(reading, envelope, { ...output, Body: body }, range);
    }
    const length = checkLengths(envelope, output, rules);
    const key = await openEnvelope(reading, envelope);
    const decipher = contentDecipher(envelope, key);
    key.fill(0);
    const Body = await plainBody(body, { decipher, envelope, rules, length });
    return plainOutput(output, { ContentLength: Body.length ?? length, Body });
  } catch (error) {
    await body?.cancel();
    throw error;
  }
}

function readRange(input: GetObjectCommandInput, rules: ReadRules): ByteRange | undefined {
  if (input.PartNumber !== undefined && input.PartNumber !== null) {
    throw new TypeError("Cannot read a part of an encrypted object by PartNumber: give a Range");
  }
  if (typeof input.Range !== "string") return undefined;
  if (!rules.unauthenticatedRanges) {
    throw new TypeError(
      "Cannot read a range of an encrypted object: nothing verifies it; set unauthenticatedRanges to accept that",
    );
  }
  return parseRange(input.Range);
}

async function findEnvelope(reading: Reading, output: GetObjectCommandOutput): Promise<Envelope> {
  const { Metadata = {} } = output;
  if (hasEnvelope(Metadata)) return readEnvelope(Metadata);
  if (reading.rules.instructionFiles) {
    return readEnvelope(await readInstructionFile(reading.s3, reading.input, reading.options));
  }
  const isElsewhere = "x-amz-iv" in Metadata || "x-amz-crypto-instr-file" in Metadata;
  throw new DecryptionError(
    "NotEncrypted",
    isElsewhere
      ? "its metadata has no key; set instructionFiles if it is in a file of its own"
      : "its metadata has no envelope; read it with the client itself",
  );
}

function checkLegacy(
  { legacy, wrapAlgorithm, contentAlgorithm }: Envelope,
  rules: ReadRules,
): void {
  if (!legacy || rules.legacy) return;
  const wrap = wrapAlgorithm === undefined ? "version 1" : `"${wrapAlgorithm}"`;
  throw new DecryptionError(
    "Legacy",
    `an old client wrote it (${wrap}, ${contentAlgorithm}), in a way in which a store can change it unnoticed; set legacy to read it`,
  );
}

/** Bytes of the plaintext, where they are known. Before KMS is asked, and before a byte is read. */
function checkLengths(
  envelope: Envelope,
  { ContentLength }: GetObjectCommandOutput,
  rules: ReadRules,
): number | undefined {
  if (envelope.contentAlgorithm !== GCM || ContentLength === undefined) return envelope.plainLength;
  const length = ContentLength - TAG_BYTES;
  checkLength(envelope, length);
  if (length > rules.maxBufferBytes && !rules.delayedAuthentication) {
    throw tooLarge(length, rules.maxBufferBytes);
  }
  return length;
}

function checkLength({ plainLength }: Envelope, length: number): void {
  // Beyond the limit the counter of GCM would begin anew.
  if (length >= 0 && length <= GCM_PLAIN_BYTES_MAX && (plainLength ?? length) === length) return;
  throw new DecryptionError(
    "Tampered",
    `its ciphertext has ${length + TAG_BYTES} bytes, which does not fit its envelope`,
  );
}

async function openEnvelope(reading: Reading, envelope: Envelope): Promise<Uint8Array> {
  const { keyring, options } = reading;
  const { encryptedKey, wrapAlgorithm, contentAlgorithm, description } = envelope;
  const key = await keyring.decryptDataKey({
    encrypted: encryptedKey,
    wrapAlgorithm,
    contentAlgorithm,
    description,
    encryptionContext: options.encryptionContext ?? {},
    signal: options.signal ?? options.abortSignal,
  });
  // It is overwritten after use, and a keyring may keep what it gave.
  return Uint8Array.from(key);
}

interface Plain {
  readonly decipher: ContentDecipher;
  readonly envelope: Envelope;
  readonly rules: ReadRules;
  readonly length: number | undefined;
}

/** Small bodies are verified first in any case: they are in memory anyway. */
async function plainBody(
  body: ResponseBody,
  { decipher, envelope, rules, length }: Plain,
): Promise<ResponseBody> {
  const { maxBufferBytes, delayedAuthentication } = rules;
  const bytes = length ?? body.length ?? Number.POSITIVE_INFINITY;
  const streams = delayedAuthentication
    ? bytes > Math.min(ENCRYPT_FIRST_BYTES_MAX, maxBufferBytes)
    : // Nothing verifies CBC: to hold it back would not help.
      envelope.contentAlgorithm !== GCM && bytes > maxBufferBytes;
  if (!streams) return verifiedBody(body, decipher, maxBufferBytes);
  const known = envelope.contentAlgorithm === GCM ? length : undefined;
  return streamedBody(body, decipher, known);
}

/** A part of an object under GCM. */
async function readPart(
  reading: Reading,
  envelope: Envelope,
  output: GetObjectCommandOutput & { readonly Body: ResponseBody },
  range: ByteRange,
): Promise<GetObjectCommandOutput> {
  if (envelope.contentAlgorithm !== GCM) {
    throw new TypeError(`Cannot read a range of an object under ${envelope.contentAlgorithm}`);
  }
  const sent = parseContentRange(output.ContentRange);
  const plain = plainRange(range, sent);
  checkLength(envelope, plain.total);
  const key = await openEnvelope(reading, envelope);
  const part = rangeDecipher(envelope, key, sent.start);
  key.fill(0);
  const length = plain.end - plain.start + 1;
  const decipher = new Cut(part, plain.start - sent.start, length);
  const { Body: body } = output;
  const isSmall = length <= ENCRYPT_FIRST_BYTES_MAX;
  const Body = isSmall
    ? await verifiedBody(body, decipher, length)
    : streamedBody(body, decipher, length);
  const ContentRange = `bytes ${plain.start}-${plain.end}/${plain.total}`;
  return plainOutput(output, { ContentLength: length, ContentRange, Body });
}

/** Leaves out what was not asked for, the tag above all. */
class Cut implements ContentDecipher {
  readonly #cipher: Pick<ContentDecipher, "update">;
  #skip: number;
  #left: number;

  constructor(cipher: Pick<ContentDecipher, "update">, skip: number, length: number) {
    this.#cipher = cipher;
    this.#skip = skip;
    this.#left = length;
  }

  update(chunk: Uint8Array): Buffer {
    const plain = this.#cipher.update(chunk);
    const start = Math.min(this.#skip, plain.length);
    this.#skip -= start;
    const wanted = plain.subarray(start, start + this.#left);
    this.#left -= wanted.length;
    return wanted;
  }

  final(): Buffer {
    if (this.#left > 0) {
      throw new DecryptionError("Tampered", `the server sent ${this.#left} bytes too few`);
    }
    return Buffer.alloc(0);
  }
}
