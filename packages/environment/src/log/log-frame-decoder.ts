import { limits } from "@lambdad/core";
import { cutMark, LineSplitter } from "./line-splitter.ts";

/** What comes next on the descriptor. */
type State =
  /** A head, or bytes outside of frames. */
  | { readonly kind: "between" }
  /** The rest of a text that is being collected. */
  | { readonly kind: "text"; readonly frame: Frame; readonly kept: Buffer; keptBytes: number }
  /** The rest of a text that was too long. */
  | { readonly kind: "excess"; bytes: number };

interface Frame {
  readonly timeMs: number | undefined;
  readonly textBytes: number;
}

/** Takes a text of the log, with a newline at its end; its time is `undefined` where it has none. */
type OnText = (text: Buffer, timeMs: number | undefined) => void;

const none: Buffer = Buffer.alloc(0);
const newline: Buffer = Buffer.from("\n");
const between: State = { kind: "between" };

/**
 * Decodes what a runtime writes to its log descriptor, so that a text of several lines stays one event
 * of the log and keeps its time. A frame is big-endian:
 *
 * `u32 type · u32 length of the text · u64 microseconds since the epoch · text`
 *
 * Of the type `0xa55a00..` the lowest byte says how the rest is to be read: bit 0 text or JSON, bit 1
 * whether the time is there (older runtimes leave it out), bits 2 to 4 the level. Neither format nor
 * level is passed on: the text has them, and the Telemetry API has no place for them.
 *
 * Holds at most one text of `bytesMax`: of a longer one the beginning is passed on with the mark of
 * `LineSplitter`, and the rest is dropped and counted (RT-21, INV-8). Bytes that are not of a frame are
 * lines of text: a runtime was interrupted while it wrote, or the function wrote to the descriptor
 * itself. The next head ends them.
 *
 * Source: spec runtime-api §16; the runtime interface clients for Java, Python, Ruby and .NET.
 */
export class LogFrameDecoder {
  readonly #onText: OnText;
  readonly #bytesMax: number;
  /** Takes what is outside of frames. */
  readonly #lines: LineSplitter;
  #state: State = between;
  /** The beginning of what may become a head. */
  #rest: Buffer = none;
  #droppedBytes = 0;

  constructor(onText: OnText, bytesMax: number = limits.logLineBytesMax) {
    this.#onText = onText;
    this.#bytesMax = bytesMax;
    this.#lines = new LineSplitter((line) => onText(line, undefined), bytesMax);
  }

  /** Bytes dropped because their text was too long. */
  get droppedBytes(): number {
    return this.#droppedBytes + this.#lines.droppedBytes;
  }

  /** Takes bytes as they come and calls back for each text that is complete. */
  push(chunk: Buffer): void {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = none;
    while (bytes.length > 0) bytes = this.#take(bytes);
  }

  /** No more bytes will come: passes on what is there of the last text. */
  end(): void {
    const state = this.#state;
    this.#state = between;
    if (state.kind === "text") this.#emit(state.frame, state.kept.subarray(0, state.keptBytes));
    this.#lines.push(this.#rest);
    this.#rest = none;
    this.#lines.end();
  }

  /** Takes a first part of the bytes, and gives back the others. */
  #take(bytes: Buffer): Buffer {
    const state = this.#state;
    if (state.kind === "between") return this.#takeHead(bytes);
    if (state.kind === "text") {
      const copied = bytes.copy(state.kept, state.keptBytes);
      state.keptBytes += copied;
      if (state.keptBytes === state.kept.length) this.#finish(state.frame, state.kept);
      return bytes.subarray(copied);
    }
    const dropped = Math.min(state.bytes, bytes.length);
    state.bytes -= dropped;
    this.#droppedBytes += dropped;
    if (state.bytes === 0) this.#state = between;
    return bytes.subarray(dropped);
  }

  #takeHead(bytes: Buffer): Buffer {
    const at = headStart(bytes);
    if (at > 0) this.#lines.push(bytes.subarray(0, at));
    const candidate = bytes.subarray(at);
    const headBytes = headLength(candidate);
    if (candidate.length < headBytes) {
      this.#rest = candidate;
      return none;
    }
    this.#lines.end();
    const frame = readHead(candidate);
    const rest = candidate.subarray(headBytes);
    const keptBytes = Math.min(frame.textBytes, this.#bytesMax);
    if (rest.length >= keptBytes) {
      this.#finish(frame, rest.subarray(0, keptBytes));
      return rest.subarray(keptBytes);
    }
    this.#state = { kind: "text", frame, kept: Buffer.allocUnsafe(keptBytes), keptBytes: 0 };
    return rest;
  }

  /** All that is kept of a text is there. */
  #finish(frame: Frame, kept: Buffer): void {
    const excessBytes = frame.textBytes - kept.length;
    this.#state = excessBytes > 0 ? { kind: "excess", bytes: excessBytes } : between;
    this.#emit(frame, kept, excessBytes > 0);
  }

  #emit({ timeMs }: Frame, text: Buffer, isCut = false): void {
    // An empty text is no event: AWS's log refuses it.
    if (text.length === 0) return;
    if (isCut) this.#onText(Buffer.concat([text, cutMark]), timeMs);
    else if (text.at(-1) === newline[0]) this.#onText(text, timeMs);
    else this.#onText(Buffer.concat([text, newline]), timeMs);
  }
}

const firstByte = 0xa5;
const timeBit = 0x02;

/** Where a head begins, as far as its bytes are there to tell; the length when nowhere. */
function headStart(bytes: Buffer): number {
  let at = bytes.indexOf(firstByte);
  while (at !== -1 && !mayBeHead(bytes, at)) at = bytes.indexOf(firstByte, at + 1);
  return at === -1 ? bytes.length : at;
}

/** Missing bytes are as they should be. The length of a text is a positive number of 32 bits to its writers. */
function mayBeHead(bytes: Buffer, at: number): boolean {
  const {
    [at + 1]: second = 0x5a,
    [at + 2]: third = 0,
    [at + 3]: type = 0,
    [at + 4]: high = 0,
  } = bytes;
  return second === 0x5a && third === 0 && type < 0x20 && high < 0x80;
}

/** Bytes of a head that begins here; more than there are, when these do not tell yet. */
function headLength(bytes: Buffer): number {
  const type = bytes[3];
  return type === undefined ? 4 : type & timeBit ? 16 : 8;
}

/** The last millisecond that has a year of four digits: no time of the log is later. */
const timeMsMax = 253_402_300_799_999;

function readHead(head: Buffer): Frame {
  const textBytes = head.readUInt32BE(4);
  if (headLength(head) === 8) return { timeMs: undefined, textBytes };
  // Above 2^53, in the year 2255, it is no longer precise.
  const timeMs = Math.floor((head.readUInt32BE(8) * 0x1_0000_0000 + head.readUInt32BE(12)) / 1000);
  return { timeMs: timeMs > 0 && timeMs <= timeMsMax ? timeMs : undefined, textBytes };
}
