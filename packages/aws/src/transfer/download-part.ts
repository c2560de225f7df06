import { BodyChannel, type BodySink } from "../client/body-channel.ts";
import type { BodyStream } from "../client/body-stream.ts";
import { AbortError, ChecksumError, ResponseParseError } from "../client/errors.ts";
import type { DownloadObject, ObjectBytes } from "./download-object.ts";

/** Repeats of one part whose body broke off, beyond those of the requests themselves (§13.5). */
const repeatsMax = 5;
/** Milliseconds before the first repeat; doubled for each further one. */
const repeatBaseMs = 50;

/** Where a part's bytes go, in their order. */
export interface PartTarget {
  /** Takes a piece, whose memory it must copy; `false`: no more until it calls `onWritable`. */
  write(piece: Uint8Array): boolean;
  /** Set by whoever writes. */
  onWritable: (() => void) | undefined;
  /** All of the part has been written; resolves when it is where it belongs. */
  complete(): Promise<void> | undefined;
}

/** One part of a download: which bytes of the object. */
export interface DownloadPart {
  /** From 1. */
  readonly number: number;
  readonly start: number;
  /** The last byte; `undefined`: it ends where the object ends. */
  readonly end: number | undefined;
}

/** How a part is fetched. */
export interface FetchOptions {
  readonly signal: AbortSignal;
  /** What has been asked for already. */
  readonly first?: ObjectBytes | undefined;
  /** Told of each piece of a part that its target has taken. */
  readonly onBytes: (bytes: number, part: number) => void;
}

/**
 * Fetches a part. A body that breaks off or stands still is asked for again from the byte that it had
 * reached (CL-8), up to five times.
 *
 * @throws the error of a request; of the body, after the last repeat
 */
export async function fetchPart(
  object: DownloadObject,
  part: DownloadPart,
  target: PartTarget,
  { signal, first, onBytes }: FetchOptions,
): Promise<void> {
  const pouring = new Pouring(part, target, signal, onBytes);
  let bytes = first;
  for (let repeats = 0; ; repeats++) {
    try {
      bytes ??= await object.read(pouring.position, part.end);
    } catch (error) {
      // The answer is not what was asked for: the next one may be.
      if (!(error instanceof ResponseParseError) || repeats >= repeatsMax) throw error;
    }
    if (bytes !== undefined) {
      const failure = await pouring.pour(bytes);
      if (failure === undefined) return;
      const isFinal = failure instanceof AbortError || failure instanceof ChecksumError;
      if (isFinal || signal.aborted || repeats >= repeatsMax) throw failure;
      bytes = undefined;
    }
    await pause(Math.random() * repeatBaseMs * 2 ** repeats, signal);
  }
}

/** Moves a part's bytes from its connections to its target. */
class Pouring implements BodySink {
  readonly #part: DownloadPart;
  readonly #target: PartTarget;
  readonly #signal: AbortSignal;
  readonly #onBytes: FetchOptions["onBytes"];
  /** Bytes still to come; `Infinity` when nobody knows. */
  #left: number;
  /** Bytes to pass over. */
  #skip = 0;
  /** What is being read. */
  #source: BodyStream | undefined;
  #isHeld = false;
  #onReleased: (() => void) | undefined;
  #settle: ((failure: Error | undefined) => void) | undefined;
  /** The next byte of the object. */
  position: number;

  constructor(
    part: DownloadPart,
    target: PartTarget,
    signal: AbortSignal,
    onBytes: FetchOptions["onBytes"],
  ) {
    this.#onBytes = onBytes;
    this.#part = part;
    this.#target = target;
    this.#signal = signal;
    this.position = part.start;
    this.#left = part.end === undefined ? Infinity : part.end - part.start + 1;
    target.onWritable = (): void => {
      this.#isHeld = false;
      if (this.#source instanceof BodyChannel) this.#source.resume();
      this.#onReleased?.();
    };
  }

  /** All bytes of one answer. @returns what went wrong; `undefined`: the part is complete. */
  pour({ source, skip }: ObjectBytes): Promise<Error | undefined> {
    this.#skip = skip;
    if (!Buffer.isBuffer(source)) this.#source = source;
    return new Promise((resolve) => {
      const onAbort = (): void => this.#finish(new AbortError(this.#signal.reason));
      this.#settle = (failure): void => {
        this.#signal.removeEventListener("abort", onAbort);
        resolve(failure);
      };
      if (this.#signal.aborted) {
        onAbort();
        return;
      }
      this.#signal.addEventListener("abort", onAbort, { once: true });
      if (source instanceof BodyChannel) {
        source.consume(this);
        if (this.#isHeld && this.#source === source) source.pause();
      } else if (Buffer.isBuffer(source)) {
        if (source.length > 0) this.onData(source);
        this.onEnd();
      } else {
        void this.#read(source);
      }
    });
  }

  onData(piece: Uint8Array): void {
    let bytes = piece;
    if (this.#skip > 0) {
      const passed = Math.min(this.#skip, bytes.length);
      this.#skip -= passed;
      bytes = bytes.subarray(passed);
    }
    const isSurplus = bytes.length > this.#left;
    if (isSurplus) bytes = bytes.subarray(0, this.#left);
    if (bytes.length > 0) {
      this.position += bytes.length;
      this.#left -= bytes.length;
      if (!this.#target.write(bytes)) this.#hold();
      this.#onBytes(bytes.length, this.#part.number);
    }
    // What comes behind the part is of a server that knows no ranges. Else the end may bring a checksum.
    if (isSurplus) this.#finish(undefined);
  }

  onEnd(): void {
    if (this.#settle === undefined) return;
    if (this.#part.end === undefined || this.#left === 0) {
      this.#finish(undefined);
      return;
    }
    const message = `Cannot read the bytes of the object: ${this.#left} of them are missing`;
    this.#finish(new ResponseParseError(message, ""));
  }

  onError(error: Error): void {
    const isComplete = this.#left === 0 && !(error instanceof ChecksumError);
    this.#finish(isComplete && !(error instanceof AbortError) ? undefined : error);
  }

  /** A body of another kind: an object store's. */
  async #read(source: AsyncIterable<Buffer>): Promise<void> {
    try {
      for await (const piece of source) {
        if (this.#settle === undefined) return;
        this.onData(piece);
        if (this.#isHeld) await this.#released();
      }
    } catch (error) {
      this.onError(error as Error);
      return;
    }
    this.onEnd();
  }

  #hold(): void {
    this.#isHeld = true;
    if (this.#source instanceof BodyChannel) this.#source.pause();
  }

  #released(): Promise<void> {
    return new Promise((resolve) => {
      this.#onReleased = resolve;
    });
  }

  #finish(failure: Error | undefined): void {
    const settle = this.#settle;
    if (settle === undefined) return;
    this.#settle = undefined;
    const source = this.#source;
    this.#source = undefined;
    source?.cancel();
    this.#onReleased?.();
    settle(failure);
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new AbortError(signal.reason));
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(new AbortError(signal.reason));
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    }, delayMs);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
