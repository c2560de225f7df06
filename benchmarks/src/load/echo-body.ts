const start = '{"n":"';
const middle = '","pad":"';
const end = '"}';
const sequenceDigits = 12;
/** The least that is an object; below it is a string. */
const objectBytesMin = (start + middle + end).length + sequenceDigits;
const stringBytesMin = 8;

/** A JSON text of a given size, with a number in its first bytes that makes it like no other. */
export class EchoBody {
  readonly bytes: Buffer;
  /** Length of what differs: the first bytes. */
  readonly uniqueBytes: number;
  readonly #prefix: string;

  /** @throws {RangeError} when the size is too small to hold a sequence number. */
  constructor(payloadBytes: number) {
    if (payloadBytes < stringBytesMin) {
      throw new RangeError(`Cannot make an event of '${payloadBytes}' bytes`);
    }
    const isObject = payloadBytes >= objectBytesMin;
    this.#prefix = isObject ? start : '"';
    this.uniqueBytes = isObject ? start.length + sequenceDigits : payloadBytes - 1;
    const padBytes = payloadBytes - objectBytesMin;
    const tail = isObject ? `${middle}${padding(padBytes)}${end}` : '"';
    this.bytes = Buffer.from(this.unique(0) + tail, "latin1");
  }

  /** The first bytes of the event with this number. */
  unique(sequence: number): string {
    const digits = this.uniqueBytes - this.#prefix.length;
    return this.#prefix + String(sequence).slice(-digits).padStart(digits, "0");
  }

  /** Makes `bytes` the event with this number. */
  number(sequence: number): void {
    this.bytes.write(this.unique(sequence), 0, "latin1");
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
