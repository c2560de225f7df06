import { commandGroups } from "../packages/lambdad/src/cli/help-topics.ts";
import type { OptionGroup, OptionRule } from "../packages/lambdad/src/configuration/option-rule.ts";

const head = `# Options

Flags win over variables. \`--option VALUE\` and \`--option=VALUE\` mean the same; true-or-false options
stand alone or take \`=true\` or \`=false\`; \`--\` ends the options. A value that is not allowed is an error,
never replaced: all problems are reported at once, and nothing starts.

This page is written by \`scripts/options-reference.ts\`; \`lambdad COMMAND --help\` says the same.
`;

const sections = [
  ["`lambdad [options] COMMAND [ARG…]` and `lambdad run [options] HANDLER`", ["run"]],
  ["`lambdad server [options]`", ["server"]],
  [
    "`lambdad invoke [options] FUNCTION [PAYLOAD]` and `lambdad bench [options] FUNCTION`",
    ["invoke", "bench"],
  ],
] as const;

/** The reference of all options, as Markdown. */
export function renderOptionsReference(): string {
  const parts = [head];
  const rendered = new Set<OptionGroup>();
  for (const [title, commands] of sections) {
    parts.push(`## ${title}\n`);
    const groups = [...new Set(commands.flatMap((command) => commandGroups[command]))];
    const known = groups.filter((group) => rendered.has(group));
    for (const group of groups.filter((each) => !rendered.has(each))) {
      parts.push(renderGroup(group));
      rendered.add(group);
    }
    if (known.length > 0) parts.push(renderKnown(known));
  }
  return parts.join("\n");
}

function renderKnown(groups: readonly OptionGroup[]): string {
  const titles = groups.map(({ title }) => `_${title}_`);
  return `As above: ${titles.join(", ")}.\n`;
}

function renderGroup({ title, options }: OptionGroup): string {
  const rows = Object.values(options).map(renderRow);
  const header = ["| Option | Variable | Values | Default | |", "| --- | --- | --- | --- | --- |"];
  return `### ${title}\n\n${[...header, ...rows].join("\n")}\n`;
}

function renderRow(rule: OptionRule): string {
  const value = rule.placeholder === undefined ? "" : ` ${rule.placeholder}`;
  const cells = [
    rule.flag === undefined ? "" : `\`--${rule.flag}${value}\``,
    rule.variables.map((name) => `\`${name}\``).join(", "),
    valuesOf(rule),
    defaultOf(rule),
    rule.help,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

function valuesOf({ type, choices, min, max, unit }: OptionRule): string {
  if (choices !== undefined) return choices.map((choice) => `\`${choice}\``).join(", ");
  if (type === "boolean") return "true, false";
  if (min === undefined || max === undefined) return "";
  return `${min} to ${max}${unit === undefined ? "" : ` ${unit}`}`;
}

function defaultOf(rule: OptionRule): string {
  if (rule.defaultText !== undefined) return rule.defaultText;
  return rule.default === undefined ? "" : `\`${rule.default}\``;
}
