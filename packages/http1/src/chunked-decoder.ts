import type { RequestHeaders } from "./exchange.ts";
import { FieldSectionReader } from "./field-section-reader.ts";
import { isName, NO_FIELDS } from "./field-lines.ts";
import { badRequest, type HttpFault } from "./http-fault.ts";
import { CR, FIELD_OCTETS, LF, TOKEN_OCTETS } from "./octets.ts";

/** What a piece of a chunked body came to: octets of the body, its end, nothing yet, or a refusal. */
export type ChunkedStep = "data" | "end" | "more" | "fault";

/** Octets of one chunk's extensions. Ours: nobody we serve sends any. */
const EXTENSION_OCTETS_MAX = 4096;
/** Digits of one chunk size, leading zeros included: as many as an unsigned 64-bit number has. */
const SIZE_DIGITS_MAX = 16;

/** Longest piece that is moved to the one before it. */
const MOVED_OCTETS_MAX = 4096;

const SEMICOLON = 0x3b;
const EQUALS = 0x3d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;

type State = "size" | "extension" | "size-lf" | "data" | "data-cr" | "data-lf" | "trailers";
type ExtensionState = "start" | "name" | "value" | "quoted" | "quoted-pair" | "quoted-end" | "end";

/**
 * Takes a chunked body apart (RFC 9112 §7.1), a piece of input at a time, within that piece. The grammar of extensions is the RFC's without its optional blanks.
 */
export class ChunkedDecoder {
  readonly #trailerReader: FieldSectionReader;
  #state: State = "size";
  #extension: ExtensionState = "start";
  #digits = 0;
  #remaining = 0;
  #extensionOctets = 0;

  /** After `data`: where in the input the octets of the body are. */
  dataStart = 0;
  dataEnd = 0;
  /** Where to read on, after `data` and `end`. */
  position = 0;
  trailers: RequestHeaders = NO_FIELDS;
  fault: HttpFault | undefined;

  constructor(trailerBytesMax: number) {
    this.#trailerReader = new FieldSectionReader(trailerBytesMax, false);
  }

  /**
   * Reads on from `from`. Small chunks are moved together within the input: were each handed over by
   * itself, a body of tiny chunks would take a hundred times its size in memory.
   */
  read(input: Buffer, from: number): ChunkedStep {
    let i = from;
    this.dataStart = from;
    this.dataEnd = from;
    while (i < input.length) {
      if (this.#state === "data") {
        const end = Math.min(input.length, i + this.#remaining);
        if (this.dataEnd === this.dataStart) {
          this.dataStart = i;
          this.dataEnd = end;
        } else if (end - i <= MOVED_OCTETS_MAX) {
          input.copyWithin(this.dataEnd, i, end);
          this.dataEnd += end - i;
        } else {
          return this.#handOver(i);
        }
        this.#remaining -= end - i;
        if (this.#remaining === 0) this.#state = "data-cr";
        i = end;
      } else if (this.#state === "trailers") {
        if (this.dataEnd > this.dataStart) return this.#handOver(i);
        return this.#readTrailers(input, i);
      } else if (this.#readFramingOctet(input[i]!)) {
        i += 1;
      } else {
        // What came before the fault first: the octet will be refused again.
        return this.dataEnd > this.dataStart ? this.#handOver(i) : "fault";
      }
    }
    return this.dataEnd > this.dataStart ? this.#handOver(i) : "more";
  }

  #handOver(position: number): "data" {
    this.position = position;
    return "data";
  }

  #readFramingOctet(octet: number): boolean {
    switch (this.#state) {
      case "size":
        return this.#readSizeOctet(octet);
      case "size-lf":
        if (octet !== LF) return this.#refuse("CR without LF in a chunk size");
        this.#digits = 0;
        this.#extensionOctets = 0;
        this.#state = this.#remaining === 0 ? "trailers" : "data";
        return true;
      case "data-cr":
        if (octet !== CR) return this.#refuse("Chunk longer than its size");
        this.#state = "data-lf";
        return true;
      case "data-lf":
        if (octet !== LF) return this.#refuse("CR without LF after a chunk");
        this.#state = "size";
        return true;
      case "extension":
        return this.#readExtensionOctet(octet);
      case "data":
      case "trailers":
    }
    throw new Error(`Cannot read a framing octet: the decoder is in '${this.#state}'`);
  }

  #readSizeOctet(octet: number): boolean {
    const digit = hexDigit(octet);
    if (digit >= 0) {
      this.#digits += 1;
      this.#remaining = this.#remaining * 16 + digit;
      if (this.#digits <= SIZE_DIGITS_MAX && this.#remaining <= Number.MAX_SAFE_INTEGER) {
        return true;
      }
      return this.#refuse("Overlong chunk size");
    }
    if (this.#digits === 0) return this.#refuse("Malformed chunk size");
    if (octet === CR) this.#state = "size-lf";
    else if (octet !== SEMICOLON) return this.#refuse("Malformed chunk size");
    else {
      this.#state = "extension";
      this.#extension = "start";
    }
    return true;
  }

  #readExtensionOctet(octet: number): boolean {
    this.#extensionOctets += 1;
    if (this.#extensionOctets > EXTENSION_OCTETS_MAX) {
      return this.#refuse("Overlong chunk extension");
    }
    const next = extensionTransition(this.#extension, octet);
    if (next === undefined) return this.#refuse("Malformed chunk extension");
    this.#extension = next;
    if (next === "end") this.#state = "size-lf";
    return true;
  }

  #readTrailers(input: Buffer, from: number): ChunkedStep {
    const reader = this.#trailerReader;
    const step = reader.read(input, from);
    if (step === "end") {
      const text = reader.text();
      if (forbidsFraming(text, reader.offsets)) {
        this.#refuse("Framing header among the trailers");
        return "fault";
      }
      if (reader.offsets.length > 0) this.trailers = reader.fields(text);
      this.position = reader.position;
      return "end";
    }
    if (step !== "fault") return "more";
    this.fault = reader.fault;
    return "fault";
  }

  #refuse(reason: string): false {
    this.fault = badRequest(reason);
    return false;
  }
}

/** Pure. `undefined` when the octet is illegal there. */
function extensionTransition(state: ExtensionState, octet: number): ExtensionState | undefined {
  const token = TOKEN_OCTETS[octet] === 1;
  switch (state) {
    case "start":
      return token ? "name" : undefined;
    case "name":
      if (token) return state;
      return octet === EQUALS ? "value" : afterExtension(octet);
    case "value":
      if (token) return state;
      return octet === QUOTE ? "quoted" : afterExtension(octet);
    case "quoted":
      if (octet === QUOTE) return "quoted-end";
      if (octet === BACKSLASH) return "quoted-pair";
      return FIELD_OCTETS[octet] === 1 ? state : undefined;
    case "quoted-pair":
      return FIELD_OCTETS[octet] === 1 ? "quoted" : undefined;
    case "quoted-end":
      return afterExtension(octet);
    case "end":
  }
  return undefined;
}

function afterExtension(octet: number): ExtensionState | undefined {
  if (octet === SEMICOLON) return "start";
  return octet === CR ? "end" : undefined;
}

function forbidsFraming(text: string, offsets: readonly number[]): boolean {
  for (let i = 0; i < offsets.length; i += 4) {
    const start = offsets[i]!;
    const end = offsets[i + 1]!;
    if (isName(text, start, end, "content-length")) return true;
    if (isName(text, start, end, "transfer-encoding")) return true;
  }
  return false;
}

function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
