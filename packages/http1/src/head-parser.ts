import { FieldSectionReader, type FieldSectionStep } from "./field-section-reader.ts";
import { parseFraming } from "./framing.ts";
import { badRequest, type HttpFault } from "./http-fault.ts";
import { CR, LF } from "./octets.ts";
import type { RequestHead } from "./request-head.ts";
import { parseRequestLine, type RequestLine } from "./request-line.ts";
import { parseTarget } from "./request-target.ts";

/** Reads the heads of the requests of one connection, one after another. Pure: no I/O, no clock. */
export class HeadParser {
  readonly #reader: FieldSectionReader;
  readonly #line: RequestLine = {
    methodEnd: 0,
    targetStart: 0,
    targetEnd: 0,
    queryMark: 0,
    http10: false,
  };

  /** Whether the CR of an empty line has come, and not yet its LF. */
  #afterCr = false;

  /** What was read, after `end`. */
  head: RequestHead | undefined;
  /** Why it was refused, after `fault`. */
  fault: HttpFault | undefined;

  /** @param headBytesMax request line and headers together. */
  constructor(headBytesMax: number) {
    this.#reader = new FieldSectionReader(headBytesMax, true);
  }

  /** Whether the first bytes of a head have come, and not yet its end. */
  get started(): boolean {
    return this.#reader.started;
  }

  /** Where the body begins in the chunk that was read last, after `end`. */
  get position(): number {
    return this.#reader.position;
  }

  /** Reads on from `from`. After `end` it is ready for the next head. */
  read(chunk: Buffer, from: number): Exclude<FieldSectionStep, "start-line"> {
    const reader = this.#reader;
    const start = reader.started ? from : this.#skipEmptyLines(chunk, from);
    if (start === undefined) return this.#refuse(badRequest("CR without LF"));
    if (start === chunk.length) return "more";
    let step = reader.read(chunk, start);
    if (step === "start-line") {
      const range = {
        start: reader.base + reader.startLineStart,
        end: reader.base + reader.startLineEnd,
      };
      this.fault = parseRequestLine(reader.octets, range, this.#line);
      if (this.fault !== undefined) return "fault";
      // The octets may move before the head is complete: from here on, relative to the section.
      this.#line.methodEnd -= reader.base;
      this.#line.targetStart -= reader.base;
      this.#line.targetEnd -= reader.base;
      this.#line.queryMark -= reader.base;
      step = reader.resume();
    }
    if (step === "end") return this.#finish();
    if (step === "fault") this.fault = reader.fault;
    return step === "start-line" ? "more" : step;
  }

  /**
   * Empty lines before a request are no part of it, and begin none (RFC 9112 §2.2).
   *
   * @returns where the request begins; `undefined` when an empty line is malformed.
   */
  #skipEmptyLines(chunk: Buffer, from: number): number | undefined {
    let i = from;
    while (i < chunk.length && (this.#afterCr || chunk[i] === CR)) {
      if (this.#afterCr && chunk[i] !== LF) return undefined;
      this.#afterCr = !this.#afterCr;
      i += 1;
    }
    return i;
  }

  #finish(): "end" | "fault" {
    const reader = this.#reader;
    const line = this.#line;
    const text = reader.text();
    const method = text.slice(reader.startLineStart, line.methodEnd);
    const framing = parseFraming(text, reader.offsets, { method, http10: line.http10 });
    if ("status" in framing) return this.#refuse(framing);
    const target = parseTarget(text, line, { method, host: framing.host });
    if ("status" in target) return this.#refuse(target);
    this.head = {
      method,
      path: target.path,
      query: target.query,
      headers: reader.fields(text),
      contentLength: framing.contentLength,
      keepAlive: !line.http10 && !framing.close,
      http10: line.http10,
      expectsContinue: framing.expectsContinue,
    };
    reader.reset();
    return "end";
  }

  #refuse(fault: HttpFault): "fault" {
    this.fault = fault;
    return "fault";
  }
}
