import type { Input, Output } from "../protocol/protocol.ts";
import { bodySource } from "../request-body/body-source.ts";
import { BytesSource } from "../request-body/bytes-source.ts";
import type { TransferCalls } from "./begin-transfer.ts";
import { transferSettings } from "./transfer-settings.ts";
import type { TransferContext, TransferOptions } from "./transfer-types.ts";
import { uploadRanges } from "./upload-ranges.ts";
import { declaredLength, lengthDiffers, type UploadRequest } from "./upload-request.ts";
import { uploadStream } from "./upload-stream.ts";

/** What is transferred, and how. */
export interface TransferOrder extends TransferCalls {
  /** The input of PutObject, or of CopyObject. */
  readonly params: Input;
  readonly options: TransferOptions;
  readonly context: TransferContext;
}

/**
 * Uploads a body of any kind: with one PutObject, or in parts when it is large.
 *
 * @returns the output of PutObject or CompleteMultipartUpload, with `Bucket` and `Key`.
 */
export async function upload(order: TransferOrder): Promise<Output> {
  const { call, params, options, context } = order;
  const source = bodySource(params["Body"] ?? "");
  try {
    const settings = transferSettings("upload", options);
    checkLength(params, source.length);
    const sendsChecksums = await order.sendsChecksums();
    const request: UploadRequest = { call, sendsChecksums, params, settings, context };
    const hasRanges = source instanceof BytesSource || source.readInto !== undefined;
    const output = await (hasRanges ? uploadRanges : uploadStream)(source, request);
    return { ...output, Bucket: params["Bucket"], Key: params["Key"] };
  } finally {
    source.discard();
  }
}

function checkLength(params: Input, length: number | undefined): void {
  const declared = declaredLength(params);
  if (declared !== undefined && length !== undefined && declared !== length) {
    throw lengthDiffers(params, String(length));
  }
}
