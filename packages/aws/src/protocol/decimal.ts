/** A number of the wire that a JavaScript number cannot hold; `text` is its decimal form. */
export class Decimal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }

  /** The nearest number. */
  valueOf(): number {
    return Number(this.text);
  }
}

const decimalPattern = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Whether text is a decimal number. */
export function isDecimalText(text: string): boolean {
  return decimalPattern.test(text);
}

/** No number of a service has more digits; the work below grows faster than the text. */
const digitsMax = 1000;

/** A number if it survives the round trip, else a `bigint` (integers) or a `Decimal`. */
export function readDecimal(text: string): number | bigint | Decimal {
  if (text.length > digitsMax) return new Decimal(text);
  const number = Number(text);
  if (integerPattern.test(text)) return Number.isSafeInteger(number) ? number : BigInt(text);
  return significant(String(number)) === significant(text) ? number : new Decimal(text);
}

/** A number if it is exact, else a `bigint`; `undefined` when the text is no integer. */
export function readInteger(text: string): number | bigint | undefined {
  if (text.length > digitsMax) return undefined;
  if (!integerPattern.test(text)) {
    const number = Number(text);
    return text.trim() !== "" && Number.isInteger(number) ? number : undefined;
  }
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : BigInt(text);
}

const integerPattern = /^-?\d+$/;

/**
 * A text that equal numbers share: digits without zeros at the ends, and exponent: `15e2` for `1.50e3`
 * and `1500.0`.
 */
export function significant(text: string): string {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const negative = mantissa.startsWith("-");
  const [whole = "", fraction = ""] = mantissa.replace(/^[+-]/, "").split(".");
  const digits = (whole + fraction).replace(/^0+/, "");
  const trimmed = digits.replace(/0+$/, "");
  if (trimmed === "") return "0";
  const scale = Number(exponent) - fraction.length + (digits.length - trimmed.length);
  return `${negative ? "-" : ""}${trimmed}e${scale}`;
}
