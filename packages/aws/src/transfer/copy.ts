import type { Input, Output } from "../protocol/protocol.ts";
import { copySource } from "./copy-source.ts";
import { copyInputs, headInput } from "./copy-members.ts";
import { MultipartUpload } from "./multipart-upload.ts";
import { partBytesMax, partSizeFor } from "./part-size.ts";
import { transferSettings } from "./transfer-settings.ts";
import type { TransferOrder } from "./upload.ts";
import { checksumMembers } from "../checksum/checksum-members.ts";
import { picked } from "./upload-members.ts";

/**
 * Copies an object within the service: with CopyObject, or in parts when it is large.
 *
 * @returns the output of CopyObject, or what says the same of a copy in parts.
 */
export async function copy(order: TransferOrder): Promise<Output> {
  const { call, params, options, context } = order;
  const settings = transferSettings("copy", options, partBytesMax);
  const { signal, progress } = context;
  const source = copySource(params["CopySource"]);
  const mode = (await order.sendsChecksums()) ? "ENABLED" : undefined;
  const asked = { ...headInput(source, params), ChecksumMode: mode };
  const head = await call("HeadObject", asked, { signal });
  const length = Number(head["ContentLength"] ?? 0);
  progress.total = length;
  if (length < settings.threshold || length === 0) {
    const output = await call("CopyObject", params, { signal });
    progress.add(length);
    return { ...output, Bucket: params["Bucket"], Key: params["Key"] };
  }
  const partSize = partSizeFor(length, settings.partSize, "copy");
  const inputs = await copyInputs(call, params, source, head, signal);
  let versionId: unknown;
  const completed = await MultipartUpload.run(
    { call, inputs, settings, signal },
    async (upload) => {
      for (let start = 0, number = 1; start < length; start += partSize, number++) {
        const end = Math.min(start + partSize, length);
        await upload.queue.room(0);
        upload.start(number, 0, {
          isSent: () => true,
          async send(members, stop) {
            const input = { ...members, CopySourceRange: `bytes=${start}-${end - 1}` };
            const output = await call("UploadPartCopy", input, { signal: stop });
            versionId ??= output["CopySourceVersionId"];
            progress.add(end - start, number);
            return (output["CopyPartResult"] ?? {}) as Output;
          },
        });
      }
    },
  );
  return copied(params, completed, versionId);
}

/** The output of CopyObject as far as that of CompleteMultipartUpload has it. */
function copied(params: Input, completed: Output, versionId: unknown): Output {
  const result = picked(completed, ["ETag", "ChecksumType", ...checksumMembers]);
  const { ETag: _, ChecksumType: _2, ...rest } = completed;
  for (const name of checksumMembers) delete rest[name];
  if (versionId !== undefined) rest["CopySourceVersionId"] = versionId;
  return { CopyObjectResult: result, ...rest, Bucket: params["Bucket"], Key: params["Key"] };
}
