import type { CallByName } from "../client/call-by-name.ts";
import { ResponseParseError, ServiceError } from "../client/errors.ts";
import type { Input, Output } from "../protocol/protocol.ts";
import { confirmedUpload } from "./confirmed-upload.ts";
import { failedUpload } from "./failed-upload.ts";
import { LateAnswer } from "./late-answer.ts";
import { PartQueue } from "./part-queue.ts";
import type { TransferSettings } from "./transfer-settings.ts";
import { completedPart, type UploadInputs } from "./upload-members.ts";

/** What an upload in parts is made with. */
export interface MultipartSeed {
  readonly call: CallByName;
  readonly inputs: UploadInputs;
  readonly settings: TransferSettings;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** How often parts are removed at most. */
const removalsMax = 3;

/** The call of one part. */
export interface PartCall {
  /** Makes the call with these members, and gives what it says of the part. */
  readonly send: (members: Input, signal: AbortSignal) => Promise<Output>;
  /** Whether the service may do the work although the call is given up now. */
  readonly isSent: () => boolean;
}

/**
 * An upload in parts, from its beginning to its end. Whatever fails, and when: nothing is under way
 * any more when it rejects, and its parts are removed from the server, or its error says that they
 * are not.
 */
export class MultipartUpload {
  readonly queue: PartQueue;
  readonly #seed: MultipartSeed;
  readonly #uploadId: string;
  readonly #parts: Output[] = [];
  /** A part was given up that the service may have all the same. */
  #hasUnknown = false;

  private constructor(seed: MultipartSeed, uploadId: string) {
    const { settings, signal } = seed;
    this.queue = new PartQueue(settings.concurrency, settings.queueBytes, signal);
    this.#seed = seed;
    this.#uploadId = uploadId;
  }

  /**
   * Begins an upload, lets `feed` start its parts, and completes it.
   *
   * @returns the output of CompleteMultipartUpload.
   * @throws the first error of a part, of `feed`, or the signal's reason, with the member `uploadId`
   * and, if the parts could not be removed, `abortError`.
   */
  static async run(
    seed: MultipartSeed,
    feed: (upload: MultipartUpload) => Promise<void>,
  ): Promise<Output> {
    seed.signal.throwIfAborted();
    // Not with the signal: an upload that begins while we look away would have no id to abort it by.
    const { UploadId } = await seed.call("CreateMultipartUpload", seed.inputs.create, {});
    if (typeof UploadId !== "string" || UploadId === "") {
      throw new ResponseParseError(
        "Cannot upload in parts: the answer to CreateMultipartUpload has no UploadId",
        "",
      );
    }
    const upload = new MultipartUpload(seed, UploadId);
    try {
      await feed(upload);
      await upload.queue.drained();
      return await upload.#complete();
    } catch (error) {
      throw await upload.#abandon(error);
    } finally {
      upload.queue.close();
    }
  }

  /**
   * Begins a part in a place of the queue.
   *
   * @param held bytes that the place was taken for.
   */
  start(number: number, held: number, { send, isSent }: PartCall): void {
    this.queue.start(held, async (stop) => {
      const { part } = this.#seed.inputs;
      const members = { ...part, UploadId: this.#uploadId, PartNumber: number };
      const answer = new LateAnswer(stop, isSent);
      try {
        this.#parts[number - 1] = completedPart(number, await send(members, answer.signal));
      } finally {
        if (answer.close() === "unknown") this.#hasUnknown = true;
      }
    });
  }

  /** Once this is sent there is no way back: it is not aborted, so that the outcome is known. */
  async #complete(): Promise<Output> {
    const { call, inputs } = this.#seed;
    const parts = this.#parts;
    const input = {
      ...inputs.complete,
      UploadId: this.#uploadId,
      MultipartUpload: { Parts: parts },
    };
    try {
      return await call("CompleteMultipartUpload", input, {});
    } catch (error) {
      const output = await confirmedUpload(call, inputs.complete, parts, error);
      if (output === undefined) throw error;
      return output;
    }
  }

  async #abandon(error: unknown): Promise<Error> {
    this.queue.fail(error);
    await this.queue.ended();
    const first = this.queue.failure?.error;
    const uploadId = this.#uploadId;
    const { settings } = this.#seed;
    if (settings.leavePartsOnError) return failedUpload(first, { uploadId });
    try {
      await this.#remove();
      return failedUpload(first, { uploadId });
    } catch (abortError) {
      return failedUpload(first, { uploadId, abortError });
    }
  }

  /**
   * Removes the parts. One that arrives while they are removed may stay: where a part may have, the
   * service is asked. Source: AWS's documentation of AbortMultipartUpload, which says to ask, and to
   * abort again.
   */
  async #remove(): Promise<void> {
    const { call, inputs } = this.#seed;
    const input = { ...inputs.abort, UploadId: this.#uploadId };
    try {
      for (let tries = 0; tries < removalsMax; tries++) {
        await call("AbortMultipartUpload", input, {});
        if (!this.#hasUnknown) return;
        await call("ListParts", { ...input, MaxParts: 1 }, {});
      }
    } catch (error) {
      if (!(error instanceof ServiceError && error.code === "NoSuchUpload")) throw error;
      return;
    }
    throw new Error(
      `Cannot remove the parts of the upload "${this.#uploadId}": some were still arriving; abort it again`,
    );
  }
}
