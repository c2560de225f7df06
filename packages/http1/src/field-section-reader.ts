import { FieldLines } from "./field-lines.ts";
import { badRequest, type HttpFault } from "./http-fault.ts";
import { COLON, CR, FIELD_OCTETS, HTAB, LF, SPACE, TOKEN_OCTETS } from "./octets.ts";

/**
 * What a piece of input came to: it is used up, the start line is complete, the empty line that ends
 * the section has been read, or the input is refused.
 */
export type FieldSectionStep = "more" | "start-line" | "end" | "fault";

/** Longest method that is looked at before the request line is complete. */
const METHOD_OCTETS_MAX = 32;
const HELD_OCTETS_FIRST = 1024;

/**
 * Reads a section of field lines up to its empty line, with or without a start line before it: the
 * head of a message, or the trailers of a chunked body (RFC 9112 §2.1, §5, §7.1.2).
 *
 * Every octet is looked at once, however the input is cut. A section that comes in one piece is read
 * where it lies; the pieces of another are held, and never more than `octetsMax` of them.
 */
export class FieldSectionReader {
  readonly #octetsMax: number;
  readonly #hasStartLine: boolean;
  #octets: Buffer | undefined;
  #base = 0;
  #limit = 0;
  /** Where in the latest piece of input the section would begin if it were all there. */
  #inputBase = 0;
  #held: Buffer | undefined;
  #heldLength = 0;
  /** Relative to the start of the section, as all offsets are. */
  #scanned = 0;
  #lineStart = 0;
  #inStartLine: boolean;
  #offsets: number[] = [];

  /** Where the start line is, once it is complete. */
  startLineStart = 0;
  startLineEnd = 0;
  /** Where the rest of the input begins, once the section has ended. */
  position = 0;
  fault: HttpFault | undefined;

  constructor(octetsMax: number, hasStartLine: boolean) {
    this.#octetsMax = octetsMax;
    this.#hasStartLine = hasStartLine;
    this.#inStartLine = hasStartLine;
  }

  /** Whether a section has begun and not ended. */
  get started(): boolean {
    return this.#heldLength > 0;
  }

  /** Makes the reader ready for another section. */
  reset(): void {
    this.#octets = undefined;
    this.#held = undefined;
    this.#heldLength = 0;
    this.#scanned = 0;
    this.#lineStart = 0;
    this.#inStartLine = this.#hasStartLine;
    this.#offsets = [];
    this.fault = undefined;
  }

  /** Reads on from `from`. After `start-line`, call {@link resume}; after `end`, take what was read and {@link reset}. */
  read(chunk: Buffer, from: number): FieldSectionStep {
    const before = this.#heldLength;
    if (before === 0) {
      this.#octets = chunk;
      this.#base = from;
      this.#limit = Math.min(chunk.length, from + this.#octetsMax);
    } else {
      this.#octets = this.#hold(chunk, from);
      this.#base = 0;
      this.#limit = this.#heldLength;
    }
    this.#inputBase = from - before;
    return this.resume();
  }

  /** Goes on after the start line. */
  resume(): FieldSectionStep {
    const octets = this.#octets!;
    const base = this.#base;
    const limit = this.#limit;
    let i = base + this.#scanned;
    for (;;) {
      while (i < limit && FIELD_OCTETS[octets[i]!] === 1) i += 1;
      if (i >= limit || (octets[i] === CR && i + 1 >= limit)) {
        this.#scanned = i - base;
        return this.#suspend();
      }
      if (octets[i] !== CR) return this.#refuse(badRequest(`Octet ${octets[i]} in a line`));
      if (octets[i + 1] !== LF) return this.#refuse(badRequest("CR without LF"));
      const start = base + this.#lineStart;
      const end = i;
      i += 2;
      this.#lineStart = i - base;
      if (this.#inStartLine) {
        this.#inStartLine = false;
        this.startLineStart = start - base;
        this.startLineEnd = end - base;
        this.#scanned = i - base;
        return "start-line";
      }
      if (start === end) {
        this.position = this.#inputBase + this.#lineStart;
        return "end";
      }
      if (!this.#readField(octets, start, end)) return "fault";
    }
  }

  /** The octets that {@link base} and the offsets refer to. */
  get octets(): Buffer {
    return this.#octets!;
  }

  /** Where in {@link octets} the section begins. */
  get base(): number {
    return this.#base;
  }

  /** Four per field, relative to {@link base}: start of the name, its colon, start and end of the value. */
  get offsets(): readonly number[] {
    return this.#offsets;
  }

  /** The text of the section, Latin-1. */
  text(): string {
    return this.octets.toString("latin1", this.#base, this.#base + this.#lineStart);
  }

  /** The fields of the section; `text` is what {@link text} returned. */
  fields(text: string): FieldLines {
    return new FieldLines(text, this.#offsets);
  }

  #readField(octets: Buffer, start: number, end: number): boolean {
    let colon = start;
    while (colon < end && TOKEN_OCTETS[octets[colon]!] === 1) colon += 1;
    if (colon === start || colon === end || octets[colon] !== COLON) {
      this.#refuse(badRequest("Malformed header name"));
      return false;
    }
    let valueStart = colon + 1;
    let valueEnd = end;
    while (valueStart < valueEnd && isBlank(octets[valueStart]!)) valueStart += 1;
    while (valueEnd > valueStart && isBlank(octets[valueEnd - 1]!)) valueEnd -= 1;
    const base = this.#base;
    this.#offsets.push(start - base, colon - base, valueStart - base, valueEnd - base);
    return true;
  }

  /** The input is used up: keeps what is there, unless it can be refused already. */
  #suspend(): FieldSectionStep {
    if (this.#inStartLine && !this.#methodMayBeginHere()) {
      return this.#refuse(badRequest("Malformed request line"));
    }
    const length = this.#limit - this.#base;
    if (length >= this.#octetsMax) {
      return this.#refuse({ status: 431, reason: `Head above ${this.#octetsMax} bytes` });
    }
    if (this.#held === undefined && length > 0) {
      const held = Buffer.allocUnsafeSlow(this.#capacityFor(length));
      this.#octets!.copy(held, 0, this.#base, this.#limit);
      this.#held = held;
      this.#heldLength = length;
      // What it came in is let go.
      this.#octets = held;
    }
    return "more";
  }

  /** Refuses what is no HTTP at all (a TLS hello, say) at once, although no line ever ends in it. */
  #methodMayBeginHere(): boolean {
    const octets = this.#octets!;
    const start = this.#base + this.#lineStart;
    const end = Math.min(this.#limit, start + METHOD_OCTETS_MAX);
    let i = start;
    while (i < end && TOKEN_OCTETS[octets[i]!] === 1) i += 1;
    if (i === end) return i - start < METHOD_OCTETS_MAX;
    return i > start && octets[i] === SPACE;
  }

  #hold(chunk: Buffer, from: number): Buffer {
    let held = this.#held!;
    const length = this.#heldLength;
    const taken = Math.min(chunk.length - from, this.#octetsMax - length);
    if (length + taken > held.length) {
      const grown = Buffer.allocUnsafeSlow(this.#capacityFor(length + taken));
      held.copy(grown, 0, 0, length);
      held = grown;
      this.#held = held;
    }
    chunk.copy(held, length, from, from + taken);
    this.#heldLength = length + taken;
    return held;
  }

  #capacityFor(length: number): number {
    return Math.min(this.#octetsMax, Math.max(HELD_OCTETS_FIRST, 2 * length));
  }

  #refuse(fault: HttpFault): "fault" {
    this.fault = fault;
    return "fault";
  }
}

function isBlank(octet: number): boolean {
  return octet === SPACE || octet === HTAB;
}
