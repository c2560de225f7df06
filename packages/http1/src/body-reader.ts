import { ChunkedDecoder, type ChunkedStep } from "./chunked-decoder.ts";
import type { RequestHeaders } from "./exchange.ts";
import { NO_FIELDS } from "./field-lines.ts";
import type { HttpFault } from "./http-fault.ts";

/** Cuts one body out of the input, of a declared length or chunked. Pure: no I/O. */
export class BodyReader {
  readonly #decoder: ChunkedDecoder | undefined;
  #remaining: number;

  /** After `data`: where in the input the octets of the body are. */
  dataStart = 0;
  dataEnd = 0;
  /** Where to read on, after `data` and `end`. */
  position = 0;

  /** @param contentLength in bytes; `undefined` for a chunked body. */
  constructor(contentLength: number | undefined, trailerBytesMax: number) {
    this.#remaining = contentLength ?? Infinity;
    this.#decoder = contentLength === undefined ? new ChunkedDecoder(trailerBytesMax) : undefined;
  }

  /** Bytes to come; infinite while nobody knows. */
  get remaining(): number {
    return this.#remaining;
  }

  get trailers(): RequestHeaders {
    return this.#decoder?.trailers ?? NO_FIELDS;
  }

  get fault(): HttpFault | undefined {
    return this.#decoder?.fault;
  }

  read(input: Buffer, from: number): ChunkedStep {
    const decoder = this.#decoder;
    if (decoder !== undefined) {
      const step = decoder.read(input, from);
      this.dataStart = decoder.dataStart;
      this.dataEnd = decoder.dataEnd;
      this.position = decoder.position;
      if (step === "end") this.#remaining = 0;
      return step;
    }
    if (from === input.length) return "more";
    const end = Math.min(input.length, from + this.#remaining);
    this.#remaining -= end - from;
    this.dataStart = from;
    this.dataEnd = end;
    this.position = end;
    return "data";
  }
}
