import { nameOf, type OptionGroup, type OptionRule, type ValuesOf } from "./option-rule.ts";
import { quoted } from "./quoted.ts";
import { defaultValue, type OptionValue, readValue } from "./read-value.ts";

/** Variables as a process has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What was found before the options were read: flags with their texts, and the variables. */
export interface OptionSource {
  /** Texts of each flag in order, keyed by flag without dashes. */
  readonly flags: ReadonlyMap<string, readonly string[]>;
  readonly variables: Variables;
}

/**
 * Reads the options of one group: flags win over variables, variables over defaults. What does not
 * fit is added to `problems`, one sentence each, and its default is returned in its place, so that
 * every problem is found in one go.
 */
export function readOptions<Group extends OptionGroup>(
  group: Group,
  source: OptionSource,
  problems: string[],
): ValuesOf<Group["options"]> {
  const values: Record<string, OptionValue | undefined> = {};
  for (const [key, rule] of Object.entries(group.options)) {
    values[key] = readOption(rule, source, problems);
  }
  return values as ValuesOf<Group["options"]>;
}

/** Whether the option was given, by its flag or by one of its variables. */
export function isGiven(rule: OptionRule, source: OptionSource): boolean {
  return flagOf(rule, source) !== undefined || variableOf(rule, source.variables) !== undefined;
}

/** Texts that were given with the option's flag. */
function flagOf({ flag }: OptionRule, source: OptionSource): readonly string[] | undefined {
  return flag === undefined ? undefined : source.flags.get(flag);
}

function readOption(
  rule: OptionRule,
  source: OptionSource,
  problems: string[],
): OptionValue | undefined {
  const fallback = defaultValue(rule);
  const texts = flagOf(rule, source);
  if (texts !== undefined) {
    if (rule.type === "list") return readList(rule, nameOf(rule), texts, problems);
    return readOne(rule, nameOf(rule), texts.at(-1) ?? "", problems) ?? fallback;
  }
  const variable = variableOf(rule, source.variables);
  if (variable === undefined) return fallback;
  const [name, text] = variable;
  if (rule.type !== "list") return readOne(rule, name, text, problems) ?? fallback;
  const parts = text.split(",").map((part) => part.trim());
  const filled = parts.filter((part) => part !== "");
  return readList(rule, name, filled, problems);
}

/** The first variable of the option that is set and not empty. */
function variableOf(
  rule: OptionRule,
  variables: Variables,
): readonly [name: string, text: string] | undefined {
  for (const name of rule.variables) {
    const text = variables[name];
    if (text !== undefined && text !== "") return [name, text];
  }
  return undefined;
}

function readOne(
  rule: OptionRule,
  name: string,
  text: string,
  problems: string[],
): OptionValue | undefined {
  const read = readValue(rule, text);
  if ("value" in read) return read.value;
  const found = rule.secret === true ? "" : `: current value is ${quoted(text)}`;
  problems.push(`${name} must be ${read.expected}${found}`);
  return undefined;
}

function readList(
  rule: OptionRule,
  name: string,
  texts: readonly string[],
  problems: string[],
): readonly string[] {
  for (const text of texts) readOne(rule, name, text, problems);
  return texts;
}
