import { ConfigError } from "./config-error.ts";

/**
 * Reads the text of a file of variables. Pure.
 *
 * One `NAME=VALUE` a line, optionally after `export`. Empty lines and lines that start with `#` are
 * skipped; so is ` #` and what follows it in a value without quotes. Values in single quotes or
 * backquotes are literal; in double quotes `\n`, `\r`, `\t`, `\"`, `\$` and `\\` stand for what they do in
 * a shell. Quoted values may span lines. Nothing is expanded: values of AWS functions are literal.
 *
 * @param path - Only for messages.
 * @throws {ConfigError} with every line that cannot be read; values are never in it.
 */
export function parseEnvFile(text: string, path: string): Record<string, string> {
  const variables = new Map<string, string>();
  const problems: string[] = [];
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  for (let index = 0; index < lines.length; index += 1) {
    const line = (lines[index] ?? "").trim();
    if (line === "" || line.startsWith("#")) continue;
    const place = `${path}:${index + 1}`;
    const separator = line.indexOf("=");
    const name = (separator < 0 ? line : line.slice(0, separator)).replace(/^export\s+/, "").trim();
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
      problems.push(`${place}: must start with NAME=, letters, digits and '_'`);
      continue;
    }
    if (separator < 0) {
      // The line may be the second half of a secret.
      problems.push(`${place}: has no '=' and no value`);
      continue;
    }
    const rest = line.slice(separator + 1).trimStart();
    const quote = rest[0];
    if (quote !== '"' && quote !== "'" && quote !== "`") {
      variables.set(name, withoutComment(rest));
      continue;
    }
    const quoted = readQuoted(lines, index, quote);
    if ("problem" in quoted) {
      problems.push(`${place}: the value of '${name}' ${quoted.problem}`);
      if (quoted.unclosed) break;
      continue;
    }
    variables.set(name, quoted.value);
    index = quoted.lastLine;
  }
  if (problems.length > 0) throw new ConfigError(problems);
  return Object.fromEntries(variables);
}

function withoutComment(text: string): string {
  if (text.startsWith("#")) return "";
  const comment = text.search(/\s#/);
  return (comment < 0 ? text : text.slice(0, comment)).trim();
}

type Quoted =
  | { readonly value: string; readonly lastLine: number }
  | { readonly problem: string; readonly unclosed: boolean };

const escapes: ReadonlyMap<string, string> = new Map([
  ["n", "\n"],
  ["r", "\r"],
  ["t", "\t"],
  ['"', '"'],
  ["$", "$"],
  ["\\", "\\"],
]);

/** Reads a quoted value that starts in line `first`, up to its closing quote. */
function readQuoted(lines: readonly string[], first: number, quote: string): Quoted {
  const firstLine = lines[first] ?? "";
  let position = firstLine.indexOf(quote, firstLine.indexOf("=")) + 1;
  let value = "";
  for (let index = first; index < lines.length; index += 1) {
    const line = lines[index] ?? "";
    while (position < line.length) {
      const character = line[position] ?? "";
      if (character === quote) {
        const after = line.slice(position + 1).trim();
        if (after === "" || after.startsWith("#")) return { value, lastLine: index };
        return { problem: "is followed by more text after its closing quote", unclosed: false };
      }
      const escaped =
        character === "\\" && quote === '"' ? escapes.get(line[position + 1] ?? "") : undefined;
      value += escaped ?? character;
      position += escaped === undefined ? 1 : 2;
    }
    value += "\n";
    position = 0;
  }
  return { problem: `has no closing ${quote}`, unclosed: true };
}
