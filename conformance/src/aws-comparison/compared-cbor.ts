/** What CBOR says, as text: members have no order, and a length may be told before or after. */
export function comparedCbor(bytes: Buffer): string {
  const reader = new Reader(bytes);
  const text = reader.item();
  return reader.isAtEnd ? text : `${text} and more`;
}

const stop = "stop";

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** One item; `stop` for the end of one without length. */
  item(): string {
    const first = this.#bytes[this.#at++] ?? 0xff;
    const [major, info] = [first >> 5, first & 31];
    if (major === 7) return this.#simple(info);
    const length = info === 31 ? undefined : this.#argument(info);
    switch (major) {
      case 0:
        return String(length);
      case 1:
        return String(-1n - BigInt(length ?? 0));
      case 2:
        return `h'${this.#take(Number(length)).toString("hex")}'`;
      case 3:
        return JSON.stringify(this.#take(Number(length)).toString());
      case 4:
        return `[${this.#items(length).join()}]`;
      case 5:
        return `{${this.#pairs(length).toSorted().join()}}`;
      default:
        return `${length}(${this.item()})`;
    }
  }

  #argument(info: number): bigint {
    if (info < 24) return BigInt(info);
    const bytes = this.#take(1 << (info - 24));
    return BigInt(`0x${bytes.toString("hex")}`);
  }

  #take(length: number): Buffer {
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #items(length: bigint | undefined): string[] {
    const items: string[] = [];
    const itemsMax = length ?? Infinity;
    while (items.length < itemsMax) {
      const item = this.item();
      if (item === stop) break;
      items.push(item);
    }
    return items;
  }

  #pairs(length: bigint | undefined): string[] {
    const pairs: string[] = [];
    const pairsMax = length ?? Infinity;
    while (pairs.length < pairsMax) {
      const key = this.item();
      if (key === stop) break;
      pairs.push(`${key}:${this.item()}`);
    }
    return pairs;
  }

  /** Numbers by their value: the same one has three forms. */
  #simple(info: number): string {
    if (info === 31) return stop;
    if (info === 26) return String(this.#take(4).readFloatBE());
    if (info === 27) return String(this.#take(8).readDoubleBE());
    if (info === 25) return String(halfOf(this.#take(2).readUInt16BE()));
    return info === 20 ? "false" : info === 21 ? "true" : "null";
  }
}

function halfOf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const [exponent, fraction] = [(bits >> 10) & 31, bits & 1023];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
  return sign * (1 + fraction / 1_024) * 2 ** (exponent - 15);
}
