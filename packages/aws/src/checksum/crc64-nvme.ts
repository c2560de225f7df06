/** The NVMe specification's polynomial, bits reversed. */
const POLYNOMIAL = 0x9a6c9329ac4bc9b5n;

interface Tables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

let tables: Tables | undefined;

/**
 * CRC-64/NVME of bytes given in pieces; eight bytes per step. The state is two 32-bit halves, since
 * `bigint` arithmetic per byte would cost a hundred times as much.
 */
export class Crc64Nvme {
  #high = -1;
  #low = -1;

  update(data: Uint8Array): void {
    const { high: h, low: l } = (tables ??= makeTables());
    const end = data.length;
    let high = this.#high;
    let low = this.#low;
    let at = 0;
    for (const last = end - 7; at < last; at += 8) {
      const a = 0x700 | ((low ^ (data[at] as number)) & 0xff);
      const b = 0x600 | (((low >>> 8) ^ (data[at + 1] as number)) & 0xff);
      const c = 0x500 | (((low >>> 16) ^ (data[at + 2] as number)) & 0xff);
      const d = 0x400 | ((low >>> 24) ^ (data[at + 3] as number));
      const e = 0x300 | ((high ^ (data[at + 4] as number)) & 0xff);
      const f = 0x200 | (((high >>> 8) ^ (data[at + 5] as number)) & 0xff);
      const g = 0x100 | (((high >>> 16) ^ (data[at + 6] as number)) & 0xff);
      const i = (high >>> 24) ^ (data[at + 7] as number);
      low =
        (l[a] as number) ^
        (l[b] as number) ^
        (l[c] as number) ^
        (l[d] as number) ^
        (l[e] as number) ^
        (l[f] as number) ^
        (l[g] as number) ^
        (l[i] as number);
      high =
        (h[a] as number) ^
        (h[b] as number) ^
        (h[c] as number) ^
        (h[d] as number) ^
        (h[e] as number) ^
        (h[f] as number) ^
        (h[g] as number) ^
        (h[i] as number);
    }
    for (; at < end; at++) {
      const index = (low ^ (data[at] as number)) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (l[index] as number);
      high = (high >>> 8) ^ (h[index] as number);
    }
    this.#high = high;
    this.#low = low;
  }

  /** The eight bytes of the value so far, big-endian. */
  digest(): Buffer {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeInt32BE(~this.#high, 0);
    bytes.writeInt32BE(~this.#low, 4);
    return bytes;
  }
}

/** Table n at 256·n: the CRC of a byte that is followed by n zero bytes. */
function makeTables(): Tables {
  const high = new Int32Array(8 * 256);
  const low = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ POLYNOMIAL : crc >> 1n;
    high[byte] = Number(crc >> 32n);
    low[byte] = Number(crc & 0xffffffffn);
  }
  for (let index = 256; index < high.length; index++) {
    const beforeHigh = high[index - 256] as number;
    const beforeLow = low[index - 256] as number;
    const byte = beforeLow & 0xff;
    low[index] = ((beforeLow >>> 8) | (beforeHigh << 24)) ^ (low[byte] as number);
    high[index] = (beforeHigh >>> 8) ^ (high[byte] as number);
  }
  return { high, low };
}
