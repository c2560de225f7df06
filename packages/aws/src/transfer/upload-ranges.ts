import type { BodySource } from "../request-body/body-source.ts";
import { BytesSource } from "../request-body/bytes-source.ts";
import type { Output } from "../protocol/protocol.ts";
import { MultipartUpload } from "./multipart-upload.ts";
import { PartBuffers } from "./part-buffers.ts";
import { partSizeFor } from "./part-size.ts";
import { SentCount } from "./sent-count.ts";
import { putWhole, type UploadRequest } from "./upload-request.ts";
import { uploadInputs } from "./upload-members.ts";

/**
 * Uploads bytes or a file: each part reads its own range. A part of a file is read into memory once,
 * for its digests and to be sent, where all parts under way fit in there; else it is read as often as
 * it takes.
 */
export async function uploadRanges(source: BodySource, request: UploadRequest): Promise<Output> {
  const { params, settings, context, call, sendsChecksums } = request;
  const { signal, progress } = context;
  const length = source.length ?? 0;
  if (length < settings.threshold || length === 0) {
    return putWhole(await wholeBody(source, length, settings.queueBytes), length, request);
  }
  progress.total = length;
  const partSize = partSizeFor(length, settings.partSize, "upload");
  const partCount = Math.ceil(length / partSize);
  const inMemory = partSize * Math.min(settings.concurrency, partCount) <= settings.queueBytes;
  const buffers = source.readInto !== undefined && inMemory ? new PartBuffers() : undefined;
  const held = buffers === undefined ? 0 : partSize;
  const inputs = uploadInputs(params, sendsChecksums);
  return MultipartUpload.run({ call, inputs, settings, signal }, async (upload) => {
    for (let number = 1; number <= partCount; number++) {
      const start = (number - 1) * partSize;
      const size = Math.min(partSize, length - start);
      await upload.queue.room(held);
      const count = new SentCount(progress, size, number);
      upload.start(number, held, {
        isSent: () => count.isSent,
        async send(members, stop) {
          const buffer = buffers?.take(partSize);
          const bytes = buffer?.subarray(0, size);
          if (bytes !== undefined) await source.readInto?.(bytes, start);
          stop.throwIfAborted();
          const body = count.body(bytes ?? rangeOf(source, start, start + size));
          const output = await call("UploadPart", { ...members, Body: body }, { signal: stop });
          count.finish();
          if (buffer !== undefined) buffers?.give(buffer);
          return output;
        },
      });
    }
  });
}

async function wholeBody(
  source: BodySource,
  length: number,
  bytesMax: number,
): Promise<BodySource | Buffer> {
  if (source.readInto === undefined || length > bytesMax) return source;
  const buffer = Buffer.allocUnsafeSlow(length);
  await source.readInto(buffer, 0);
  return buffer;
}

function rangeOf(source: BodySource, start: number, end: number): BodySource {
  return source.slice?.(start, end) ?? new BytesSource(Buffer.alloc(0));
}
