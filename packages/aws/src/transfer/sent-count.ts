import { BytesSource } from "../request-body/bytes-source.ts";
import type { BodySource } from "../request-body/body-source.ts";
import { CountedSource, type SentListener } from "../request-body/counted-source.ts";
import type { ProgressCounter } from "./transfer-types.ts";

/** Bodies up to this size are sent in one piece: to count its pieces would cost more than it says. */
const countedBytesMin = 64 * 1024;

/** Counts a body, of a part or of a whole object, while it is sent. */
export class SentCount implements SentListener {
  readonly #progress: ProgressCounter;
  readonly #part: number | undefined;
  #sent = 0;

  constructor(progress: ProgressCounter, part?: number) {
    this.#progress = progress;
    this.#part = part;
  }

  /** The body to give to a call so that it is counted. */
  body(source: BodySource | Buffer): unknown {
    if (!Buffer.isBuffer(source)) return new CountedSource(source, this);
    if (source.length < countedBytesMin) return source;
    return new CountedSource(new BytesSource(source), this);
  }

  onStart(): void {
    this.#sent = 0;
    this.#progress.restart(this.#part);
  }

  onSent(bytes: number): void {
    this.#sent += bytes;
    this.#progress.add(bytes, this.#part);
  }

  /** It has arrived: what was not counted while it was sent is counted now. */
  finish(length: number): void {
    this.onSent(length - this.#sent);
  }
}
