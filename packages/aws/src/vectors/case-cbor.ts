/**
 * Decodes the CBOR of a case for comparison, independently of the package's own decoder: numbers as
 * words of their value, tags as `{ tag, value }`, bytes as hexadecimal.
 */
export function decodeCaseCbor(bytes: Buffer): unknown {
  const state = { bytes, at: 0 };
  const value = item(state);
  if (state.at !== bytes.length) throw new Error(`${bytes.length - state.at} bytes are left`);
  return value;
}

interface State {
  readonly bytes: Buffer;
  at: number;
}

const BREAK: unique symbol = Symbol("break");

function item(state: State): unknown {
  const initial = state.bytes.readUInt8(state.at++);
  const major = initial >> 5;
  const info = initial & 31;
  if (major === 7) return simple(state, info);
  const argument = info === 31 ? undefined : argumentOf(state, info);
  switch (major) {
    case 0:
      return argument ?? 0;
    case 1:
      return -1 - (argument ?? 0);
    case 2:
    case 3:
      return text(state, argument, major === 2 ? "hex" : "utf8");
    case 4:
      return repeated(argument, () => item(state));
    case 5:
      return Object.fromEntries(
        repeated(argument, () => {
          const key = item(state);
          return key === BREAK ? BREAK : [String(key), item(state)];
        }) as [string, unknown][],
      );
    default:
      return { tag: argument, value: item(state) };
  }
}

function repeated(count: number | undefined, next: () => unknown): unknown[] {
  const items: unknown[] = [];
  for (let left = count ?? Infinity; left > 0; left--) {
    const found = next();
    if (found === BREAK) break;
    items.push(found);
  }
  return items;
}

function text(state: State, length: number | undefined, encoding: BufferEncoding): string {
  if (length === undefined) return repeated(undefined, () => item(state)).join("");
  state.at += length;
  return state.bytes.toString(encoding, state.at - length, state.at);
}

function argumentOf(state: State, info: number): number {
  if (info < 24) return info;
  const { bytes, at } = state;
  const size = 1 << (info - 24);
  state.at += size;
  return size === 8 ? Number(bytes.readBigUInt64BE(at)) : bytes.readUIntBE(at, size);
}

function simple(state: State, info: number): unknown {
  const { bytes, at } = state;
  if (info === 31) return BREAK;
  if (info < 24) return [false, true, null, undefined][info - 20];
  state.at += 1 << (info - 24);
  if (info === 25) return wordOf(half(bytes.readUInt16BE(at)));
  // The same value may travel in any width.
  return wordOf(info === 26 ? bytes.readFloatBE(at) : bytes.readDoubleBE(at));
}

function wordOf(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 === 0 ? 1 : -1;
  if (exponent === 31) return fraction === 0 ? sign * Infinity : Number.NaN;
  return (
    sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15))
  );
}
