import { crc32 } from "node:zlib";

/** Takes the events of an `application/vnd.amazon.eventstream` body. */
export interface EventHandler {
  payload(chunk: Buffer): void;
  /** `InvokeComplete`, with its JSON text. */
  complete(json: string): void;
  /** An exception event, with its name and text. */
  exception(text: string): void;
}

const preludeBytes = 12;
const messageBytesMax = 25 * 1024 * 1024;

/**
 * Cuts a body into event-stream messages and checks both checksums of each.
 *
 * Source: AWS event stream encoding, as in the Invoke API's `InvokeWithResponseStream`.
 */
export class EventStreamReader {
  readonly #handler: EventHandler;
  #pending: Buffer[] = [];
  #pendingBytes = 0;
  #needed = preludeBytes;

  constructor(handler: EventHandler) {
    this.#handler = handler;
  }

  /** @throws {RangeError} when a message is damaged. */
  push(chunk: Buffer): void {
    this.#pending.push(chunk);
    this.#pendingBytes += chunk.length;
    if (this.#pendingBytes < this.#needed) return;
    let data = this.#pending.length === 1 ? chunk : Buffer.concat(this.#pending);
    while (data.length >= preludeBytes) {
      const total = data.readUInt32BE(0);
      if (
        total < 16 ||
        total > messageBytesMax ||
        crc32(data.subarray(0, 8)) !== data.readUInt32BE(8)
      ) {
        throw new RangeError("Cannot read an event: its prelude is damaged");
      }
      this.#needed = total;
      if (data.length < total) break;
      this.#message(data.subarray(0, total));
      data = data.subarray(total);
      this.#needed = preludeBytes;
    }
    this.#pending = data.length === 0 ? [] : [data];
    this.#pendingBytes = data.length;
  }

  #message(message: Buffer): void {
    const end = message.length - 4;
    if (crc32(message.subarray(0, end)) !== message.readUInt32BE(end)) {
      throw new RangeError("Cannot read an event: its checksum does not match");
    }
    const headersEnd = preludeBytes + message.readUInt32BE(4);
    const headers = message.toString("latin1", preludeBytes, headersEnd);
    const payload = message.subarray(headersEnd, end);
    if (headers.includes("PayloadChunk")) this.#handler.payload(payload);
    else if (headers.includes("InvokeComplete")) this.#handler.complete(payload.toString());
    else this.#handler.exception(payload.toString());
  }
}
