import type { OptionGroup, OptionRule } from "../configuration/option-rule.ts";
import { quoted } from "../configuration/quoted.ts";

/** A command line taken apart. Texts are not read yet. */
export interface SplitArguments {
  /** Texts of each flag in order; a boolean flag alone has the text `true`. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  /** What is not an option. */
  readonly words: readonly string[];
}

export interface SplitOptions {
  /** Options may also follow words. Otherwise they end at the first word, which is a command's own. */
  readonly optionsAnywhere: boolean;
}

/** The options of these groups by flag. */
export function rulesByFlag(groups: readonly OptionGroup[]): ReadonlyMap<string, OptionRule> {
  const rules = new Map<string, OptionRule>();
  for (const group of groups) {
    for (const rule of Object.values(group.options)) {
      if (rule.flag !== undefined) rules.set(rule.flag, rule);
    }
  }
  return rules;
}

/**
 * Splits words from options: `--flag value`, `--flag=value`, `-h`; `--` ends the options. Pure.
 * Unknown options and missing values are added to `problems`.
 */
export function splitArguments(
  argv: readonly string[],
  rules: ReadonlyMap<string, OptionRule>,
  problems: string[],
  options: SplitOptions,
): SplitArguments {
  const flags = new Map<string, string[]>();
  const words: string[] = [];
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (argument === "--") {
      words.push(...argv.slice(index + 1));
      break;
    }
    if (!isOption(argument)) {
      words.push(argument);
      if (options.optionsAnywhere) continue;
      words.push(...argv.slice(index + 1));
      break;
    }
    const { flag, text } = parseOption(argument);
    const rule = rules.get(flag);
    if (rule === undefined) {
      problems.push(unknownOption(argument, flag, rules));
      continue;
    }
    const value = text ?? (rule.type === "boolean" ? "true" : argv[index + 1]);
    if (value === undefined) {
      problems.push(`--${flag} needs a value: ${rule.placeholder ?? "VALUE"}`);
      continue;
    }
    if (text === undefined && rule.type !== "boolean") index += 1;
    flags.set(flag, [...(flags.get(flag) ?? []), value]);
  }
  return { flags, words };
}

/** Where the first word stands that is neither an option nor its value; -1 when there is none. */
export function firstWordIndex(
  argv: readonly string[],
  rules: ReadonlyMap<string, OptionRule>,
): number {
  for (let index = 0; index < argv.length; index += 1) {
    const argument = argv[index] ?? "";
    if (argument === "--") return -1;
    if (!isOption(argument)) return index;
    const { flag, text } = parseOption(argument);
    const rule = rules.get(flag);
    if (rule !== undefined && rule.type !== "boolean" && text === undefined) index += 1;
  }
  return -1;
}

/** `-` alone is a word: it means standard input. */
function isOption(argument: string): boolean {
  return argument.length > 1 && argument.startsWith("-");
}

function parseOption(argument: string): { flag: string; text: string | undefined } {
  if (argument === "-h") return { flag: "help", text: undefined };
  if (!argument.startsWith("--")) return { flag: argument, text: undefined };
  const equals = argument.indexOf("=");
  if (equals < 0) return { flag: argument.slice(2), text: undefined };
  return { flag: argument.slice(2, equals), text: argument.slice(equals + 1) };
}

/** Never names a text that was given: it may be a secret in the wrong place. */
function unknownOption(
  argument: string,
  flag: string,
  rules: ReadonlyMap<string, OptionRule>,
): string {
  const [name = argument] = argument.split("=");
  let nearest: string | undefined;
  let nearestDistance = 3;
  for (const known of rules.keys()) {
    const distance = editDistance(flag, known);
    if (distance < nearestDistance) {
      nearestDistance = distance;
      nearest = known;
    }
  }
  const hint = nearest === undefined ? "" : `: did you mean '--${nearest}'?`;
  return `Unknown option ${quoted(name)}${hint}`;
}

/** Levenshtein's distance; texts longer than any flag are simply far away. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2 || a.length > 64) return Number.POSITIVE_INFINITY;
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const substitution = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const insertion = (current[column - 1] ?? 0) + 1;
      const deletion = (previous[column] ?? 0) + 1;
      current.push(Math.min(substitution, insertion, deletion));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
