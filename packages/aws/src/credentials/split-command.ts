/**
 * Splits a command line into program and arguments as a POSIX shell does, without running one: blanks
 * separate, quotes keep together, a backslash takes the next character as it is (within double quotes
 * only before `"`, `\`, `$` and a backquote). Nothing is expanded.
 * @param windows backslashes are path separators, except before a double quote.
 * @returns `undefined` when a quote is not closed.
 */
export function splitCommand(line: string, windows = false): string[] | undefined {
  const parts: string[] = [];
  let part: string | undefined;
  let quote = "";
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at);
    const next = line.charAt(at + 1);
    if (escapes(char, next, quote, windows)) {
      part = (part ?? "") + next;
      at += 1;
    } else if (quote !== "") {
      if (char === quote) quote = "";
      else part += char;
    } else if (char === '"' || (char === "'" && !windows)) {
      quote = char;
      part ??= "";
    } else if (/\s/.test(char)) {
      if (part !== undefined) parts.push(part);
      part = undefined;
    } else {
      part = (part ?? "") + char;
    }
  }
  if (quote !== "") return undefined;
  if (part !== undefined) parts.push(part);
  return parts;
}

function escapes(char: string, next: string, quote: string, windows: boolean): boolean {
  if (char !== "\\" || next === "") return false;
  if (windows) return next === '"';
  if (quote === "'") return false;
  return quote === "" || '"\\$`'.includes(next);
}
