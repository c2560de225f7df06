import { parseArgs } from "node:util";

/** The values of a soak's options. */
export interface SoakOptions {
  readonly number: (name: string) => number;
  readonly choice: (name: string) => string;
}

/** A soak of `npm run soak -- NAME`. */
export interface Soak {
  /** Its part of the usage text. */
  readonly usage: string;
  /** Options that are positive integers. */
  readonly defaults: Readonly<Record<string, number>>;
  /** Options that are one of some words; the first is the default. */
  readonly choices: Readonly<Record<string, readonly string[]>>;
  /** @returns what must never happen, and did. */
  readonly run: (options: SoakOptions) => Promise<readonly string[]>;
}

/**
 * Reads the arguments behind the name of a soak.
 *
 * @throws {TypeError} for an unknown option.
 * @throws {RangeError} for a value that is not allowed.
 */
export function parseSoakOptions(
  { defaults, choices }: Pick<Soak, "defaults" | "choices">,
  args: readonly string[],
): SoakOptions {
  const names = [...Object.keys(defaults), ...Object.keys(choices)];
  const { values } = parseArgs({
    args: [...args],
    options: Object.fromEntries(names.map((name) => [name, { type: "string" as const }])),
  });
  const numbers = new Map<string, number>();
  for (const [name, fallback] of Object.entries(defaults)) {
    const value = Number(values[name] ?? fallback);
    if (!Number.isInteger(value) || value <= 0) {
      throw new RangeError(
        `--${name} must be a positive integer: current value is '${values[name]}'`,
      );
    }
    numbers.set(name, value);
  }
  const words = new Map<string, string>();
  for (const [name, allowed] of Object.entries(choices)) {
    const value = values[name] ?? allowed[0] ?? "";
    if (typeof value !== "string" || !allowed.includes(value)) {
      throw new RangeError(
        `--${name} must be ${allowed.join(" or ")}: current value is '${value}'`,
      );
    }
    words.set(name, value);
  }
  return {
    number: (name) => required(numbers.get(name), name),
    choice: (name) => required(words.get(name), name),
  };
}

function required<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new TypeError(`Cannot read the option '${name}': there is none`);
  return value;
}
