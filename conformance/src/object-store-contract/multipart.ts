import assert from "node:assert/strict";
import type { S3Client } from "@lambdad/aws/s3";
import { bytesOf } from "./expectation.ts";

/** The least size of a part that is not the last: 5 MiB. */
export const partBytesMin: number = 5 * 1_048_576;

const large: Buffer = bytesOf(partBytesMin, 5);

/** A part that may stand before others. Always the same bytes: nobody changes them. */
export function largePart(): Buffer {
  return large;
}

/** Where an upload goes. */
export interface UploadPlace {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string;
}

type CreateInput = Parameters<S3Client["createMultipartUpload"]>[0];

/** Begins an upload. */
export async function begin(
  s3: S3Client,
  Bucket: string,
  Key: string,
  more: Partial<CreateInput> = {},
): Promise<UploadPlace> {
  const { UploadId } = await s3.createMultipartUpload({ ...more, Bucket, Key });
  assert.ok(UploadId !== undefined && UploadId !== "", "UploadId");
  return { Bucket, Key, UploadId };
}

/** A part as CompleteMultipartUpload wants it. */
export interface SentPart {
  readonly PartNumber: number;
  readonly ETag: string | undefined;
}

/** Sends a part. */
export async function send(
  s3: S3Client,
  at: UploadPlace,
  PartNumber: number,
  Body: Uint8Array | string,
): Promise<SentPart> {
  const { ETag } = await s3.uploadPart({ ...at, PartNumber, Body });
  return { PartNumber, ETag };
}

/** Completes with these parts. */
export function complete(
  s3: S3Client,
  at: UploadPlace,
  Parts: readonly SentPart[],
): ReturnType<S3Client["completeMultipartUpload"]> {
  return s3.completeMultipartUpload({ ...at, MultipartUpload: { Parts: [...Parts] } });
}
