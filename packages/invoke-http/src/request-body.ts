import { type Payload, payloadOf } from "@lambdad/core";
import { JsonValidator } from "./json-validator.ts";

/** Pieces shorter than this are joined: keeping one costs about as much memory as the piece itself. */
const shortPieceBytes = 1_024;

/** How many short pieces in a row are joined to one. */
const shortPiecesMax = 256;

/** The event of a request without a body (AWS). */
const emptyObject: Payload = payloadOf("{}");

/**
 * The body of a request while it arrives: pieces as they came, checked to be JSON on the way.
 *
 * Once the bytes cannot become JSON they are dropped, so that they cost no memory until the body ends.
 */
export class RequestBody {
  readonly #validator: JsonValidator = new JsonValidator();
  #chunks: Uint8Array[] = [];
  #byteLength = 0;
  /** Short pieces at the end of the chunks. */
  #shortPieces = 0;
  #broken = false;

  /** Bytes that have arrived, dropped ones too. */
  get byteLength(): number {
    return this.#byteLength;
  }

  write(chunk: Uint8Array): void {
    this.#byteLength += chunk.byteLength;
    if (this.#broken || chunk.byteLength === 0) return;
    if (!this.#validator.write(chunk)) {
      this.drop();
      return;
    }
    this.#chunks.push(chunk);
    this.#shortPieces = chunk.byteLength < shortPieceBytes ? this.#shortPieces + 1 : 0;
    if (this.#shortPieces === shortPiecesMax) this.#joinShortPieces();
  }

  /** Lets go of all bytes; nothing more is kept. */
  drop(): void {
    this.#broken = true;
    this.#chunks = [];
  }

  /**
   * The event, or the text of what is wrong with it. The empty body stands for `{}`. The bytes are
   * handed over: they are not held here any more, so that whoever has them can let go of them.
   */
  end(): Payload | string {
    if (this.#byteLength === 0) return emptyObject;
    if (!this.#validator.end()) return this.#validator.fault;
    const chunks = this.#chunks;
    this.#chunks = [];
    return { chunks, byteLength: this.#byteLength };
  }

  #joinShortPieces(): void {
    const joined = Buffer.concat(this.#chunks.splice(-shortPiecesMax));
    this.#chunks.push(joined);
    this.#shortPieces = 0;
  }
}
