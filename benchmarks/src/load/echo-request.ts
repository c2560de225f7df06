import { EchoBody } from "./echo-body.ts";

/** Function name in every path: lambdad and the peers are told the same. */
export const functionName = "echo";

/** The bytes of an echo event that is like no other: who gets another's answer is found out. */
export interface EchoRequest {
  /** Request head and the first bytes of the event. Latin-1. */
  readonly start: string;
  /** The first bytes of the event, which no other event has. */
  readonly unique: string;
}

/** Makes the requests of one payload size. All of them share the bytes after the first few. */
export class EchoRequests {
  /** Everything of the event after `EchoRequest.unique`. */
  readonly tail: Buffer;
  readonly payloadBytes: number;
  readonly #head: string;
  readonly #body: EchoBody;
  #sequence = 0;

  /** @throws {RangeError} when the size is too small to hold a sequence number. */
  constructor(port: number, payloadBytes: number) {
    const body = new EchoBody(payloadBytes);
    this.tail = body.bytes.subarray(body.uniqueBytes);
    this.payloadBytes = payloadBytes;
    this.#body = body;
    this.#head =
      `POST /2015-03-31/functions/${functionName}/invocations HTTP/1.1\r\n` +
      `Host: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${payloadBytes}\r\n\r\n`;
  }

  next(): EchoRequest {
    this.#sequence += 1;
    const unique = this.#body.unique(this.#sequence);
    return { start: this.#head + unique, unique };
  }
}
