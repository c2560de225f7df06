/** One option of `lambda-runtime`. The table of these drives parsing, checking and `--help`. */
export interface RuntimeOption {
  /** Without the dashes. */
  readonly flag: string;
  readonly short?: string;
  /** Environment variables that mean the same; the first that is set and not empty counts. */
  readonly variables?: readonly string[];
  /**
   * How its text is read; `seconds` have at most three decimals and become milliseconds, a `boolean`
   * stands alone.
   */
  readonly type: "text" | "integer" | "seconds" | "boolean" | "choice";
  /** Stands for the value in the help; absent for booleans. */
  readonly placeholder?: string;
  readonly min?: number;
  readonly max?: number;
  readonly choices?: readonly string[];
  /** What holds when it is not given, for the help. */
  readonly defaultText?: string;
  readonly help: string;
}

export interface RuntimeOptionGroup {
  readonly title: string;
  readonly options: readonly RuntimeOption[];
}

/** What was read of one option. */
export type OptionValue = string | number | boolean;

/** The value, or what the text must be: continues "must be …". */
export type ReadOption = { readonly value: OptionValue } | { readonly expected: string };

/** Reads the text of one option. A text that does not fit is never replaced by a default. */
export function readRuntimeOption(option: RuntimeOption, text: string): ReadOption {
  switch (option.type) {
    case "text":
      return text === "" ? { expected: "a text that is not empty" } : { value: text };
    case "boolean":
      if (/^(?:true|1|yes|on)$/i.test(text)) return { value: true };
      if (/^(?:false|0|no|off)$/i.test(text)) return { value: false };
      return { expected: "true or false" };
    case "integer":
      return readNumber(option, text, /^-?\d{1,15}$/, `an integer in ${range(option)}`);
    case "seconds": {
      const expected = `a number of seconds in ${range(option)}`;
      const read = readNumber(option, text, /^\d{1,12}(?:\.\d{1,3})?$/, expected);
      return "value" in read ? { value: Math.round(1000 * Number(text)) } : read;
    }
    case "choice": {
      const value = option.choices?.find((choice) => choice === text.toLowerCase());
      if (value !== undefined) return { value };
      return { expected: `one of ${option.choices?.join(", ")}` };
    }
    default:
      return option.type satisfies never;
  }
}

/** `min..max` of a number, as the help and the problems write it. */
export function range({ min, max }: RuntimeOption): string {
  return `${min}..${max}`;
}

function readNumber(
  { min = Number.NEGATIVE_INFINITY, max = Number.POSITIVE_INFINITY }: RuntimeOption,
  text: string,
  shape: RegExp,
  expected: string,
): ReadOption {
  const value = Number(text);
  return shape.test(text) && value >= min && value <= max ? { value } : { expected };
}
