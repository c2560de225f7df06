import { optionGroups } from "./option-groups.ts";
import { range, type RuntimeOption } from "./runtime-option.ts";

const columnOfHelp = 28;
const columnsMax = 100;

const usage = `Usage: lambda-runtime [-h] [-u URL] [-q QUEUE] [-t] [-p] [OPTION…] [MODULE[:HANDLER]]

Runs a Lambda function in this process, behind a queue of an AMQP broker.

MODULE is a path (.js, .mjs, .cjs, .ts, .mts, .cts; the extension may be left out) or a package;
HANDLER is one of its exports: by default 'handler', else 'lambda_handler', else the default export.
Without a MODULE every event is answered with itself.
`;

const closing = `
Exit status: 0 after SIGTERM, SIGINT or SIGHUP; 1 when the broker cannot be reached or refuses, when
the function cannot be loaded, or after an error that nothing caught; 2 for a wrong command line;
129, 130 or 143 when a second signal ends it at once; that of process.exit() in the function.
`;

/** What `lambda-runtime --help` prints. */
export function helpText(): string {
  const parts = [usage];
  for (const { title, options } of optionGroups) {
    parts.push(`\n${title}:\n`, ...options.flatMap(renderOption).map((line) => `${line}\n`));
  }
  return `${parts.join("")}${closing}`;
}

/** Flag and help on one line when they fit, then variables, range and default. */
function renderOption(option: RuntimeOption): string[] {
  const { flag, short, placeholder } = option;
  const value = placeholder === undefined ? "" : ` ${placeholder}`;
  const head = `  ${short === undefined ? "" : `-${short}, `}--${flag}${value}`;
  const facts = factsOf(option);
  const texts = [...wrap(option.help), ...(facts === "" ? [] : wrap(`[${facts}]`))];
  const indent = " ".repeat(columnOfHelp);
  const [first = "", ...rest] = texts;
  const start =
    head.length < columnOfHelp ? [head.padEnd(columnOfHelp) + first] : [head, indent + first];
  return [...start, ...rest.map((text) => indent + text)];
}

function factsOf(option: RuntimeOption): string {
  const { variables = [], type, choices, defaultText } = option;
  const facts = [...variables];
  if (type === "integer") facts.push(range(option));
  if (type === "seconds") facts.push(`${range(option)} s`);
  if (choices !== undefined) facts.push(choices.join(", "));
  if (defaultText !== undefined) facts.push(`default: ${defaultText}`);
  return facts.join("; ");
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
