import type {
  HeadObjectCommandInput,
  HeadObjectCommandOutput,
  S3Client,
} from "../../types/s3.d.ts";
import type { CallOptions } from "../client/options.ts";
import { GCM, TAG_BYTES } from "./algorithms.ts";
import { type Envelope, hasEnvelope, readEnvelope } from "./envelope.ts";
import { plainOutput } from "./plain-output.ts";

/** `HeadObject` with the length of the plaintext. @throws TypeError for a part: it has no length of its own */
export async function headEncrypted(
  s3: S3Client,
  input: HeadObjectCommandInput,
  options: CallOptions | undefined,
): Promise<HeadObjectCommandOutput> {
  for (const name of ["PartNumber", "Range"] as const) {
    if (input[name] === undefined || input[name] === null) continue;
    throw new TypeError(
      `Cannot tell the length of a part of an encrypted object: leave ${name} out`,
    );
  }
  const output = await s3.headObject(input, options);
  const { Metadata = {}, ContentLength } = output;
  if (!hasEnvelope(Metadata)) return output;
  const length = headLength(readEnvelope(Metadata), ContentLength);
  return plainOutput(output, { ContentLength: length });
}

function headLength(envelope: Envelope, cipherLength: number | undefined): number | undefined {
  if (envelope.contentAlgorithm !== GCM || cipherLength === undefined) return envelope.plainLength;
  return Math.max(0, cipherLength - TAG_BYTES);
}
