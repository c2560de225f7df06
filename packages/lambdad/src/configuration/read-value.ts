import type { Address, OptionRule } from "./option-rule.ts";
import { textFormats } from "./text-format.ts";

/** What was read, or what the text must be: continues "must be …". */
export type ReadValue = { readonly value: OptionValue } | { readonly expected: string };

/** Any value an option can have. */
export type OptionValue = number | string | boolean | readonly string[] | Address;

const booleans: ReadonlyMap<string, boolean> = new Map([
  ["true", true],
  ["1", true],
  ["yes", true],
  ["on", true],
  ["false", false],
  ["0", false],
  ["no", false],
  ["off", false],
]);

/** Reads the text of one option. Pure; a text that does not fit is never replaced by a default. */
export function readValue(rule: OptionRule, text: string): ReadValue {
  switch (rule.type) {
    case "integer":
      return readNumber(rule, text, /^-?\d{1,15}$/, `an integer in ${range(rule)}`);
    case "seconds": {
      const read = readNumber(
        rule,
        text,
        /^\d{1,12}(?:\.\d{1,3})?$/,
        `a number of seconds in ${range(rule)}`,
      );
      return "value" in read ? { value: Math.round(1000 * Number(read.value)) } : read;
    }
    case "boolean": {
      const value = booleans.get(text.toLowerCase());
      return value === undefined ? { expected: "true or false" } : { value };
    }
    case "choice":
      return readChoice(rule, text);
    case "address":
      return readAddress(text);
    case "text":
    case "list": {
      const format = textFormats[rule.format ?? "any"];
      return format.accepts(text) ? { value: text } : { expected: format.description };
    }
    default:
      return rule.type satisfies never;
  }
}

/** The default of an option as its value, `undefined` when it has none. */
export function defaultValue(rule: OptionRule): OptionValue | undefined {
  if (rule.type === "list") return [];
  if (rule.type === "seconds" && typeof rule.default === "number") return 1000 * rule.default;
  return rule.default;
}

/** `min..max` as the help and the problems write it. */
export function range(rule: OptionRule): string {
  return `${rule.min ?? 0}..${rule.max ?? Number.MAX_SAFE_INTEGER}`;
}

function readNumber(rule: OptionRule, text: string, shape: RegExp, expected: string): ReadValue {
  if (!shape.test(text)) return { expected };
  const value = Number(text);
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = rule;
  return value >= min && value <= max ? { value } : { expected };
}

function readChoice(rule: OptionRule, text: string): ReadValue {
  const choices = rule.choices ?? [];
  const wanted = text.toLowerCase();
  const synonyms = new Map(Object.entries(rule.synonyms ?? {}));
  const canonical = synonyms.get(wanted) ?? wanted;
  const value = choices.find((choice) => choice.toLowerCase() === canonical.toLowerCase());
  return value === undefined ? { expected: `one of ${choices.join(", ")}` } : { value };
}

/** `HOST:PORT`, `[IPV6]:PORT` or `:PORT`; without a host it means every address, as in Go. */
function readAddress(text: string): ReadValue {
  const expected = "HOST:PORT such as 127.0.0.1:8080";
  const match = /^(?:\[([0-9a-fA-F:.%]{2,64})\]|([a-zA-Z0-9._-]{0,255})):(\d{1,5})$/.exec(text);
  if (match === null) return { expected };
  const port = Number(match[3]);
  if (port > 65_535) return { expected };
  const host = match[1] ?? match[2] ?? "";
  return { value: { host: host === "" ? "0.0.0.0" : host, port } };
}
