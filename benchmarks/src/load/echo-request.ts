/** Function name in every path: lambdad and the peers are told the same. */
export const functionName = "echo";

const sequenceDigits = 12;

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
  #sequence = 0;

  /** @throws {RangeError} when the size is too small to hold a sequence number. */
  constructor(port: number, payloadBytes: number) {
    const uniqueBytes = '{"n":"'.length + sequenceDigits;
    const frame = '","pad":""}'.length;
    const padBytes = payloadBytes - uniqueBytes - frame;
    if (padBytes < 0) throw new RangeError(`Cannot make an event of '${payloadBytes}' bytes`);
    this.tail = Buffer.from(`","pad":"${padding(padBytes)}"}`, "latin1");
    this.payloadBytes = payloadBytes;
    this.#head =
      `POST /2015-03-31/functions/${functionName}/invocations HTTP/1.1\r\n` +
      `Host: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${payloadBytes}\r\n\r\n`;
  }

  next(): EchoRequest {
    this.#sequence += 1;
    const unique = `{"n":"${String(this.#sequence).padStart(sequenceDigits, "0")}`;
    return { start: this.#head + unique, unique };
  }
}

/** Text that needs no escaping in JSON or HTML and does not repeat soon. */
function padding(length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const bytes = Buffer.allocUnsafe(length);
  let word = 0x2545f491;
  for (let index = 0; index < length; index += 1) {
    word = (Math.imul(word, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[index] = alphabet.charCodeAt(word >>> 26);
  }
  return bytes.toString("latin1");
}
