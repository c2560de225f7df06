/** Castagnoli's polynomial, bits reversed. */
const POLYNOMIAL = 0x82f63b78;

let tables: Int32Array | undefined;

/**
 * CRC-32C of bytes, continued from `seed`; eight bytes per step.
 *
 * @returns an unsigned 32-bit number
 */
export function crc32c(data: Uint8Array, seed = 0): number {
  const t = (tables ??= makeTables());
  const end = data.length;
  let crc = ~seed;
  let at = 0;
  for (const last = end - 7; at < last; at += 8) {
    crc =
      (t[0x700 | ((crc ^ (data[at] as number)) & 0xff)] as number) ^
      (t[0x600 | (((crc >>> 8) ^ (data[at + 1] as number)) & 0xff)] as number) ^
      (t[0x500 | (((crc >>> 16) ^ (data[at + 2] as number)) & 0xff)] as number) ^
      (t[0x400 | ((crc >>> 24) ^ (data[at + 3] as number))] as number) ^
      (t[0x300 | (data[at + 4] as number)] as number) ^
      (t[0x200 | (data[at + 5] as number)] as number) ^
      (t[0x100 | (data[at + 6] as number)] as number) ^
      (t[data[at + 7] as number] as number);
  }
  for (; at < end; at++) {
    crc = (crc >>> 8) ^ (t[(crc ^ (data[at] as number)) & 0xff] as number);
  }
  return ~crc >>> 0;
}

/** Table n at 256·n: the CRC of a byte that is followed by n zero bytes. */
function makeTables(): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ POLYNOMIAL : crc >>> 1;
    made[byte] = crc;
  }
  for (let index = 256; index < made.length; index++) {
    const before = made[index - 256] as number;
    made[index] = (before >>> 8) ^ (made[before & 0xff] as number);
  }
  return made;
}
