import type { BodySource } from "../request-body/body-source.ts";
import type { Output } from "../protocol/protocol.ts";
import { ChunkReader } from "./chunk-reader.ts";
import { MultipartUpload } from "./multipart-upload.ts";
import { PartBuffers } from "./part-buffers.ts";
import { growingPartSize, partSizeFor } from "./part-size.ts";
import { SentCount } from "./sent-count.ts";
import { declaredLength, lengthDiffers, putWhole, type UploadRequest } from "./upload-request.ts";
import { uploadInputs } from "./upload-members.ts";

/**
 * Uploads what can only be read from its beginning to its end. Each part is in memory while it is
 * under way, so that it can be sent again. What ends within the first part, and below the threshold,
 * is one PutObject.
 */
export async function uploadStream(source: BodySource, request: UploadRequest): Promise<Output> {
  const reader = new ChunkReader(source);
  try {
    return await new StreamUpload(reader, source.length, request).run();
  } finally {
    reader.close();
  }
}

class StreamUpload {
  readonly #reader: ChunkReader;
  readonly #request: UploadRequest;
  /** Bytes in all, if known. */
  readonly #length: number | undefined;
  readonly #buffers = new PartBuffers();
  #read = 0;

  constructor(reader: ChunkReader, length: number | undefined, request: UploadRequest) {
    this.#reader = reader;
    this.#request = request;
    this.#length = length ?? declaredLength(request.params);
  }

  async run(): Promise<Output> {
    const { settings, context, params, call, sendsChecksums } = this.#request;
    const { signal, progress } = context;
    progress.total = this.#length;
    const first = this.#buffers.take(this.#firstSize());
    const filled = await this.#fill(first, signal);
    const isShort = filled < first.length || (await this.#isAtEnd(signal));
    if (isShort && (filled < settings.threshold || filled === 0)) {
      this.#checkEnd();
      this.#reader.close();
      return putWhole(first.subarray(0, filled), filled, this.#request);
    }
    const inputs = uploadInputs(params, sendsChecksums);
    return MultipartUpload.run({ call, inputs, settings, signal }, async (upload) => {
      try {
        await this.#feed(upload, first, filled);
      } finally {
        this.#reader.close();
      }
    });
  }

  /** A length that is known saves memory, and says how large parts must be. */
  #firstSize(): number {
    const { threshold, queueBytes } = this.#request.settings;
    const length = this.#length;
    const isWhole = length !== undefined && length < threshold && length <= queueBytes;
    return isWhole ? length : this.#partSize(1);
  }

  #partSize(number: number): number {
    const { partSize } = this.#request.settings;
    const length = this.#length;
    if (length === undefined) return growingPartSize(number, partSize);
    return Math.min(length, partSizeFor(length, partSize, "upload"));
  }

  /** The source says itself how it ends only where the length is not known. */
  async #isAtEnd(signal: AbortSignal): Promise<boolean> {
    return this.#read === this.#length && !(await this.#hasSurplus(signal));
  }

  async #hasSurplus(signal: AbortSignal): Promise<boolean> {
    if (!(await this.#reader.hasMore(signal))) return false;
    throw lengthDiffers(this.#request.params, "more");
  }

  async #feed(upload: MultipartUpload, first: Buffer, filled: number): Promise<void> {
    const { queue } = upload;
    await queue.room(first.length);
    this.#start(upload, 1, first, filled);
    for (let number = 2, last = filled === first.length; last; number++) {
      if (await this.#isAtEnd(queue.signal)) break;
      const size = this.#partSize(number);
      await queue.room(size);
      const buffer = this.#buffers.take(size);
      const bytes = await this.#fill(buffer, queue.signal);
      if (bytes === 0) queue.leave(size);
      else this.#start(upload, number, buffer, bytes);
      last = bytes === size;
    }
    this.#checkEnd();
    this.#request.context.progress.total = this.#read;
  }

  async #fill(buffer: Buffer, signal: AbortSignal): Promise<number> {
    const bytes = await this.#reader.fill(buffer, signal);
    this.#read += bytes;
    if (this.#length !== undefined && this.#read > this.#length) {
      throw lengthDiffers(this.#request.params, "more");
    }
    return bytes;
  }

  #checkEnd(): void {
    if (this.#length === undefined || this.#read === this.#length) return;
    throw lengthDiffers(this.#request.params, String(this.#read));
  }

  #start(upload: MultipartUpload, number: number, buffer: Buffer, bytes: number): void {
    const { call, context } = this.#request;
    const count = new SentCount(context.progress, bytes, number);
    upload.start(number, buffer.length, {
      isSent: () => count.isSent,
      send: async (members, stop) => {
        const body = count.body(buffer.subarray(0, bytes));
        const output = await call("UploadPart", { ...members, Body: body }, { signal: stop });
        count.finish();
        this.#buffers.give(buffer);
        return output;
      },
    });
  }
}
