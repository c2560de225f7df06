import type { BodyObserver } from "../client/body-channel.ts";
import type { BodyStream } from "../client/body-stream.ts";
import { PartBuffer } from "./download-buffer.ts";

type Waiting = {
  readonly resolve: (result: IteratorResult<Buffer, undefined>) => void;
  readonly reject: (error: unknown) => void;
};

type State = "open" | "ended" | "failed" | "left";

const finished: IteratorResult<Buffer, undefined> = { done: true, value: undefined };

/**
 * The bytes of parts that are fetched at the same time, in their order. Parts are announced in order
 * (`part`), filled in any, and no more of them are announced than may wait (`room`).
 */
export class DownloadBody implements BodyStream {
  readonly length: number | undefined;
  readonly #onLeft: (error: Error | undefined) => void;
  readonly #parts: PartBuffer[] = [];
  readonly #partsMax: number;
  #onRoom: (() => void) | undefined;
  /** Where all bytes are to be. */
  #memory: Buffer | undefined;
  /** Bytes of the parts that have been announced. */
  #announced = 0;
  #allAnnounced = false;
  #state: State = "open";
  #error: unknown;
  #waiting: Waiting | undefined;
  /** Somebody reads: nothing is fetched ahead for nobody. */
  #isRead = false;
  /** Sees the bytes as they are read. */
  observer: BodyObserver | undefined;

  /**
   * @param partsMax parts that may be on their way or wait
   * @param onLeft called when nobody reads it any more before its end
   */
  constructor(
    length: number | undefined,
    partsMax: number,
    onLeft: (error: Error | undefined) => void,
  ) {
    this.length = length;
    this.#partsMax = partsMax;
    this.#onLeft = onLeft;
  }

  get hasEnded(): boolean {
    return this.#state !== "open";
  }

  /** The buffer of the next part. */
  part(bytesMax: number, length: number | undefined): PartBuffer {
    const memory =
      length === undefined
        ? undefined
        : this.#memory?.subarray(this.#announced, this.#announced + length);
    this.#announced += length ?? 0;
    const buffer = new PartBuffer(bytesMax, length, memory);
    this.#parts.push(buffer);
    if (this.#parts.length === 1) this.#attend(buffer);
    return buffer;
  }

  /** Resolves when another part may be announced; for one who waits. */
  room(): Promise<void> | undefined {
    const hasRoom = this.#isRead && this.#parts.length < this.#partsMax;
    if (hasRoom || this.#state !== "open") return undefined;
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  /** No further part follows. */
  lastAnnounced(): void {
    this.#allAnnounced = true;
    this.#pump();
  }

  /** It ends here, with an error for its reader; what has been read so far is all there is. */
  fail(error: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "failed";
    this.#error = error;
    this.#letGo();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      this.#state = "ended";
      waiting.reject(error);
    }
  }

  into(memory: Buffer): void {
    this.#memory = memory;
  }

  next(): Promise<IteratorResult<Buffer, undefined>> {
    if (!this.#isRead) {
      this.#isRead = true;
      this.#onRoom?.();
    }
    if (this.#waiting !== undefined) {
      return Promise.reject(new Error("Cannot read a body twice at once"));
    }
    const value = this.#read();
    if (value !== undefined) return Promise.resolve({ done: false, value });
    if (this.#state === "failed") {
      this.#state = "ended";
      return Promise.reject(this.#error);
    }
    if (this.#state !== "open") return Promise.resolve(finished);
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
    });
  }

  return(): Promise<IteratorResult<Buffer, undefined>> {
    this.cancel();
    return Promise.resolve(finished);
  }

  cancel(error?: Error): void {
    if (this.#state !== "open") return;
    this.#state = error === undefined ? "left" : "failed";
    this.#error = error;
    this.#letGo();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting !== undefined) {
      this.#state = "left";
      if (error === undefined) waiting.resolve(finished);
      else waiting.reject(error);
    }
    this.#onLeft(error);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** The next bytes that are here; at the end, whether they were the right ones. */
  #read(): Buffer | undefined {
    if (this.#state !== "open") return undefined;
    const piece = this.#take();
    if (piece !== undefined) this.observer?.update(piece);
    else if (this.hasEnded) {
      this.#error = this.observer?.finish();
      if (this.#error !== undefined) this.#state = "failed";
    }
    return piece;
  }

  /** The next bytes that are here. */
  #take(): Buffer | undefined {
    while (this.#state === "open") {
      const [part] = this.#parts;
      if (part === undefined) {
        if (this.#allAnnounced) this.#state = "ended";
        return undefined;
      }
      const piece = part.take();
      if (piece !== undefined || !part.isComplete) return piece;
      this.#parts.shift();
      this.#onRoom?.();
      const [head] = this.#parts;
      if (head !== undefined) this.#attend(head);
    }
    return undefined;
  }

  #attend(head: PartBuffer): void {
    head.onReadable = (): void => this.#pump();
  }

  /** Something has come for a reader that waits. */
  #pump(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    const value = this.#read();
    if (value === undefined && this.#state === "open") return;
    this.#waiting = undefined;
    if (value !== undefined) waiting.resolve({ done: false, value });
    else if (this.#state !== "failed") waiting.resolve(finished);
    else {
      this.#state = "ended";
      waiting.reject(this.#error);
    }
  }

  #letGo(): void {
    this.#parts.length = 0;
    this.#onRoom?.();
  }
}
