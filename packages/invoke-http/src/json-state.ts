/** What the next byte belongs to. The order matters: all up to `done` are between tokens. */
export const jsonState = {
  /** A value. */
  value: 0,
  /** A value, or the end of an empty array. */
  firstElement: 1,
  /** A field name, or the end of an empty object. */
  firstName: 2,
  /** A field name. */
  name: 3,
  colon: 4,
  /** A comma, or the end of the object or array. */
  afterValue: 5,
  /** Nothing but white space. */
  done: 6,

  string: 7,
  /** After a backslash. */
  escape: 8,
  /** Inside `\uXXXX`. */
  hexDigits: 9,
  /** Inside a character of several bytes. */
  character: 10,
  /** Inside `true`, `false` or `null`. */
  literal: 11,

  minus: 12,
  /** After a leading zero: no digit may follow. */
  zero: 13,
  integer: 14,
  point: 15,
  fraction: 16,
  /** After `e`: a sign or a digit. */
  exponent: 17,
  exponentSign: 18,
  exponentDigits: 19,

  broken: 20,
} as const;

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

export function isHexDigit(byte: number): boolean {
  const lower = byte | 0x20;
  return isDigit(byte) || (lower >= 0x61 && lower <= 0x66);
}

/** Whether a number may end here. */
export function isNumberEnd(state: number): boolean {
  return (
    state === jsonState.integer ||
    state === jsonState.zero ||
    state === jsonState.fraction ||
    state === jsonState.exponentDigits
  );
}

/** Where one more byte of a number leads; `undefined` when it does not belong to the number. */
export function afterNumberByte(state: number, byte: number): number | undefined {
  if (isDigit(byte)) return afterDigit(state, byte);
  switch (byte) {
    case 0x2e: // .
      return state === jsonState.integer || state === jsonState.zero ? jsonState.point : undefined;
    case 0x45: // E
    case 0x65: // e
      if (state === jsonState.exponentDigits) return undefined;
      return isNumberEnd(state) ? jsonState.exponent : undefined;
    case 0x2b: // +
    case 0x2d: // -
      return state === jsonState.exponent ? jsonState.exponentSign : undefined;
    default:
      return undefined;
  }
}

function afterDigit(state: number, byte: number): number | undefined {
  switch (state) {
    case jsonState.integer:
      return jsonState.integer;
    case jsonState.minus:
      return byte === 0x30 ? jsonState.zero : jsonState.integer;
    case jsonState.zero:
      return undefined;
    case jsonState.point:
    case jsonState.fraction:
      return jsonState.fraction;
    default:
      return jsonState.exponentDigits;
  }
}
