/** A piece of an expression. */
export type Token =
  | { readonly kind: "name"; readonly text: string; readonly at: number }
  | { readonly kind: "literal"; readonly value: unknown; readonly at: number }
  | { readonly kind: "number"; readonly value: number; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

/** Longest first, at each place. */
const SYMBOL = /\[\?|\[\]|==|!=|<=|>=|&&|\|\||[.[\]()*!<>@]/y;
const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /-?\d+/y;
const QUOTED = /"(?:[^"\\]|\\.)*"/y;
const RAW = /'(?:[^'\\]|\\.)*'/y;
const JSON_LITERAL = /`(?:[^`\\]|\\.)*`/y;
const BLANK = /\s*/y;

/**
 * Cuts an expression into tokens.
 * @throws TypeError for a character that begins none.
 */
export function tokensOf(expression: string): Token[] {
  const tokens: Token[] = [];
  let at = take(BLANK, expression, 0)?.length ?? 0;
  while (at < expression.length) {
    const [token, length] = next(expression, at);
    tokens.push(token);
    at += length;
    at += take(BLANK, expression, at)?.length ?? 0;
  }
  tokens.push({ kind: "end", at });
  return tokens;
}

function next(expression: string, at: number): [token: Token, length: number] {
  const name = take(NAME, expression, at);
  if (name !== undefined) return [{ kind: "name", text: name, at }, name.length];
  const quoted = take(QUOTED, expression, at);
  if (quoted !== undefined) {
    return [{ kind: "name", text: String(json(quoted, expression, at)), at }, quoted.length];
  }
  const raw = take(RAW, expression, at);
  if (raw !== undefined) {
    const value = raw.slice(1, -1).replaceAll("\\'", "'");
    return [{ kind: "literal", value, at }, raw.length];
  }
  const literal = take(JSON_LITERAL, expression, at);
  if (literal !== undefined) {
    const value = json(literal.slice(1, -1).replaceAll("\\`", "`"), expression, at);
    return [{ kind: "literal", value, at }, literal.length];
  }
  const number = take(NUMBER, expression, at);
  if (number !== undefined) return [{ kind: "number", value: Number(number), at }, number.length];
  const symbol = take(SYMBOL, expression, at);
  if (symbol !== undefined) return [{ kind: "symbol", text: symbol, at }, symbol.length];
  throw syntaxError(expression, at);
}

function take(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

function json(text: string, expression: string, at: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw syntaxError(expression, at);
  }
}

/** What is thrown for an expression that is not in the language. */
export function syntaxError(expression: string, at: number): TypeError {
  const rest = expression.slice(at);
  const place = rest === "" ? "it ends too early" : `"${rest}" is not understood there`;
  return new TypeError(`Cannot compile the expression "${expression}": ${place}`);
}
