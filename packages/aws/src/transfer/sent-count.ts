import { BytesSource } from "../request-body/bytes-source.ts";
import type { BodySource } from "../request-body/body-source.ts";
import { CountedSource, type SentListener } from "../request-body/counted-source.ts";
import type { ProgressCounter } from "./transfer-types.ts";

/** Bodies up to this size are sent in one piece: to count its pieces would cost more than it says. */
const countedBytesMin = 64 * 1024;

/** Counts a body, of a part or of a whole object, while it is sent. */
export class SentCount implements SentListener {
  readonly #progress: ProgressCounter;
  readonly #length: number;
  readonly #part: number | undefined;
  #state: "idle" | "counted" | "whole" = "idle";
  #sent = 0;

  /** @param length bytes of the body. */
  constructor(progress: ProgressCounter, length: number, part?: number) {
    this.#progress = progress;
    this.#length = length;
    this.#part = part;
  }

  /** Whether all of it is on its way, so that the other side may have it. */
  get isSent(): boolean {
    if (this.#state !== "counted") return this.#state === "whole";
    return this.#sent === this.#length;
  }

  /** The body to give to a call so that it is counted. */
  body(source: BodySource | Buffer): unknown {
    if (Buffer.isBuffer(source) && source.length < countedBytesMin) {
      this.#state = "whole";
      return source;
    }
    this.#state = "counted";
    return new CountedSource(Buffer.isBuffer(source) ? new BytesSource(source) : source, this);
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
  finish(): void {
    this.onSent(this.#length - this.#sent);
  }
}
