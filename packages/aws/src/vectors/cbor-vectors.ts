import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { decodeCbor } from "../protocol/cbor/cbor-decoder.ts";
import { differenceOf, shown } from "./difference.ts";
import type { Vector } from "./vector.ts";

/** A case of `cbor/decode-*-tests.json`. */
interface CborCase {
  readonly description: string;
  /** Hexadecimal. */
  readonly input: string;
  readonly expect?: ExpectedItem;
}

/** An item, by its kind; integers and the bits of floats are `bigint`. */
interface ExpectedItem {
  readonly uint?: bigint;
  readonly negint?: bigint;
  readonly bool?: boolean;
  readonly null?: object;
  readonly string?: string;
  readonly bytestring?: readonly bigint[];
  readonly float32?: bigint;
  readonly float64?: bigint;
  readonly list?: readonly ExpectedItem[];
  readonly map?: Readonly<Record<string, ExpectedItem>>;
  readonly tag?: { readonly id: bigint; readonly value: ExpectedItem };
}

/** The documents in `cbor`: what is well-formed is decoded, what is not is refused. */
export function cborVectors(folder: string): Vector[] {
  return [
    ...readCases(folder, "decode-success-tests.json").map(({ description, input, expect }) => ({
      name: `cbor/${description}`,
      run: () => differenceOf(actualOf(decode(input)), wantedOf(expect ?? {})),
    })),
    ...readCases(folder, "decode-error-tests.json").map(({ description, input }) => ({
      name: `cbor/${description}`,
      run: () => refusal(input),
    })),
  ];
}

function readCases(folder: string, file: string): readonly CborCase[] {
  const path = join(folder, "cbor", file);
  if (!existsSync(path)) return [];
  return JSON.parse(readFileSync(path, "utf8"), readIntegers) as readonly CborCase[];
}

/** All numbers of these files are integers, some beyond what a number holds. */
function readIntegers(this: unknown, _key: string, value: unknown, ...rest: unknown[]): unknown {
  if (typeof value !== "number") return value;
  const [context] = rest as [{ source: string }];
  return BigInt(context.source);
}

function decode(input: string): unknown {
  return decodeCbor(Buffer.from(input, "hex")).value;
}

function refusal(input: string): string | undefined {
  let value: unknown;
  try {
    value = decode(input);
  } catch (error) {
    return error instanceof RangeError ? undefined : `threw ${String(error)}`;
  }
  return `is ${shown(value)}, expected an error`;
}

/** A decoded item, comparable: numbers as text, bytes as hexadecimal. */
function actualOf(value: unknown): unknown {
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (value instanceof Uint8Array) return `0x${Buffer.from(value).toString("hex")}`;
  if (value instanceof Date) return String(value.getTime() / 1000);
  if (Array.isArray(value)) return value.map(actualOf);
  if (typeof value !== "object" || value === null) return value;
  return mapValues(value, actualOf);
}

/** An expected item in the same form; tags are skipped. */
function wantedOf(item: ExpectedItem): unknown {
  if (item.list !== undefined) return item.list.map(wantedOf);
  if (item.map !== undefined) return mapValues(item.map, wantedOf);
  if (item.tag !== undefined) return wantedOf(item.tag.value);
  if (item.null !== undefined) return null;
  if (item.bytestring !== undefined) {
    return `0x${Buffer.from(item.bytestring.map(Number)).toString("hex")}`;
  }
  const integer = item.uint ?? item.negint;
  if (integer !== undefined) return String(integer);
  if (item.float32 !== undefined) return floatOf(4, item.float32);
  if (item.float64 !== undefined) return floatOf(8, item.float64);
  return item.bool ?? item.string;
}

function floatOf(size: 4 | 8, bits: bigint): string {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(bits);
  return String(size === 4 ? bytes.readFloatBE(4) : bytes.readDoubleBE(0));
}

function mapValues<T>(value: Readonly<Record<string, T>> | object, map: (value: T) => unknown) {
  return Object.fromEntries(
    Object.entries(value as Record<string, T>).map(([key, each]) => [key, map(each)]),
  );
}
