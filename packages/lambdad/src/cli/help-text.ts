import { nameOf, type OptionGroup, type OptionRule } from "../configuration/option-rule.ts";
import { range } from "../configuration/read-value.ts";

/** What a command's help says besides its options. */
export interface HelpOptions {
  /** Lines after `Usage:`. */
  readonly usage: readonly string[];
  /** Paragraph lines between usage and options. */
  readonly about: readonly string[];
  readonly groups: readonly OptionGroup[];
  /** Lines after the options: examples, exit codes. */
  readonly closing: readonly string[];
}

/** The help of a command, ended by a newline. Every option comes from the table that parses it. */
export function renderHelp({ usage, about, groups, closing }: HelpOptions): string {
  const lines = usage.map((line, index) => `${index === 0 ? "Usage: " : "       "}${line}`);
  lines.push("", ...about);
  for (const group of groups) {
    lines.push("", `${group.title}:`);
    for (const rule of Object.values(group.options)) lines.push(...renderOption(rule));
  }
  if (closing.length > 0) lines.push("", ...closing);
  return `${lines.join("\n")}\n`;
}

const columnOfHelp = 28;
const columnsMax = 100;

/** Flag and help on one line when they fit, then variables, range and default. */
function renderOption(rule: OptionRule): string[] {
  // A variable alone has no value beside it: `NAME VALUE` would be no way to write it.
  const hasValue = rule.flag !== undefined && rule.placeholder !== undefined;
  const head = `  ${nameOf(rule)}${hasValue ? ` ${rule.placeholder}` : ""}`;
  const facts = renderFacts(rule);
  const texts = wrap(rule.help);
  if (facts !== "") texts.push(...wrap(`[${facts}]`));
  const indent = " ".repeat(columnOfHelp);
  const [first = "", ...rest] = texts;
  const start =
    head.length < columnOfHelp ? [head.padEnd(columnOfHelp) + first] : [head, indent + first];
  return [...start, ...rest.map((text) => indent + text)];
}

/** Breaks a text between words into lines that fit beside the column of flags. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && columnOfHelp + line.length + 1 + word.length > columnsMax) {
      lines.push(line);
      line = "";
    }
    line += line === "" ? word : ` ${word}`;
  }
  lines.push(line);
  return lines;
}

/** Variables, allowed values with their unit, default with its unit. */
function renderFacts(rule: OptionRule): string {
  const facts: string[] = [];
  if (rule.flag !== undefined && rule.variables.length > 0) facts.push(rule.variables.join(", "));
  const unit = rule.unit === undefined ? "" : ` ${rule.unit}`;
  if (rule.type === "integer" || rule.type === "seconds") facts.push(`${range(rule)}${unit}`);
  if (rule.choices !== undefined) facts.push(rule.choices.join(", "));
  if (rule.defaultText !== undefined) facts.push(`default: ${rule.defaultText}`);
  else if (rule.type === "boolean") {
    if (rule.variables.length > 0 || rule.default === true) facts.push(`default: ${rule.default}`);
  } else if (rule.default !== undefined) facts.push(`default: ${rule.default}${unit}`);
  return facts.join("; ");
}
