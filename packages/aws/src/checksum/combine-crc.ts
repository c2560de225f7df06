/** Polynomials in reversed bit order, with their width in bits. All begin and end with inverted bits. */
const codes: Readonly<Record<string, { readonly polynomial: bigint; readonly width: number }>> = {
  CRC32: { polynomial: 0xedb88320n, width: 32 },
  CRC32C: { polynomial: 0x82f63b78n, width: 32 },
  CRC64NVME: { polynomial: 0x9a6c9329ac4bc9b5n, width: 64 },
};

/** A piece of data by its checksum. */
export interface CrcPiece {
  /** Big-endian. */
  readonly value: Uint8Array;
  /** Bytes of the data. */
  readonly size: number;
}

/** Rows of a linear map of a register: what each of its bits becomes. */
type BitMap = readonly bigint[];

/**
 * The cyclic code of pieces one behind the other, from the codes of the pieces. A code that runs over n
 * zero bytes is a linear map of its register, which is made by squaring in log n steps; the code of the
 * whole is the map of the first, and the second added.
 * @param algorithm `CRC32`, `CRC32C` or `CRC64NVME`
 * @throws TypeError for another algorithm
 */
export function combineCrc(algorithm: string, pieces: readonly CrcPiece[]): Buffer {
  const code = codes[algorithm];
  if (code === undefined) throw new TypeError(`Cannot combine checksums of "${algorithm}"`);
  const bytes = code.width / 8;
  let whole = 0n;
  for (const { value, size } of pieces) {
    const crc = BigInt(`0x${Buffer.from(value).toString("hex")}`);
    whole = overZeros(whole, size, code.polynomial, code.width) ^ crc;
  }
  return Buffer.from(whole.toString(16).padStart(bytes * 2, "0"), "hex");
}

/** A register after so many zero bytes. */
function overZeros(register: bigint, size: number, polynomial: bigint, width: number): bigint {
  let map = zeroByte(polynomial, width);
  let result = register;
  for (let left = size; left > 0; left = Math.floor(left / 2)) {
    if (left % 2 === 1) result = apply(map, result);
    map = map.map((row) => apply(map, row));
  }
  return result;
}

/** What one zero byte does. */
function zeroByte(polynomial: bigint, width: number): BitMap {
  return Array.from({ length: width }, (_, bit) => {
    let register = 1n << BigInt(bit);
    for (let i = 0; i < 8; i++) {
      register = (register & 1n) === 0n ? register >> 1n : (register >> 1n) ^ polynomial;
    }
    return register;
  });
}

function apply(map: BitMap, register: bigint): bigint {
  let result = 0n;
  for (let bit = 0; register >> BigInt(bit) !== 0n; bit++) {
    if (((register >> BigInt(bit)) & 1n) === 1n) result ^= map[bit] as bigint;
  }
  return result;
}
