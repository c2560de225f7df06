import type { GetObjectCommandInput, S3Client } from "../../types/s3.d.ts";
import type { ResponseBody } from "../client/response-body.ts";
import { DecryptionError } from "./decryption-error.ts";
import { callOptions, type EncryptedGetOptions } from "./encryption-options.ts";
import type { Description } from "./keyring.ts";
import { INSTRUCTION_BYTES_MAX } from "./limits.ts";

/** What Java's clients put behind the key of an object for that of its instruction file. */
const suffix = ".instruction";

/**
 * The envelope that is in an object of its own.
 * @throws DecryptionError when that object is no instruction file; S3's error when there is none
 */
export async function readInstructionFile(
  s3: S3Client,
  { Bucket, Key, RequestPayer, ExpectedBucketOwner }: GetObjectCommandInput,
  options: EncryptedGetOptions,
): Promise<Description> {
  const input = { Bucket, Key: `${Key}${suffix}`, RequestPayer, ExpectedBucketOwner };
  const { Body, ContentLength = 0 } = await s3.getObject(input, callOptions(options));
  if (Body === undefined || ContentLength > INSTRUCTION_BYTES_MAX) {
    await Body?.cancel();
    throw invalid(`it has ${ContentLength} bytes`);
  }
  const text = await readText(Body);
  let envelope: unknown;
  try {
    envelope = JSON.parse(text);
  } catch (cause) {
    throw invalid("it is not JSON", cause);
  }
  if (typeof envelope !== "object" || envelope === null || Array.isArray(envelope)) {
    throw invalid("it is not a JSON object");
  }
  const entries = Object.entries(envelope).filter(([, value]) => typeof value === "string");
  return Object.fromEntries(entries) as Description;
}

/** A server need not say how much it sends. */
async function readText(body: ResponseBody): Promise<string> {
  const pieces: Buffer[] = [];
  let held = 0;
  for await (const piece of body) {
    held += piece.length;
    if (held > INSTRUCTION_BYTES_MAX) throw invalid(`it has ${held} bytes or more`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}

function invalid(reason: string, cause?: unknown): DecryptionError {
  return new DecryptionError(
    "InvalidEnvelope",
    `its instruction file is not valid: ${reason}`,
    cause,
  );
}
