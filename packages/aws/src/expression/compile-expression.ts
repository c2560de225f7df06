import { syntaxError, type Token, tokensOf } from "./tokens.ts";
import { equalValues, isNumeric, isTrue, lengthOf, member } from "./values.ts";

/** An expression, ready to look into values. Absent and `null` are `undefined`. */
export type Expression = (value: unknown) => unknown;

const kept = new Map<string, Expression>();
/** Expressions of models are few; those of users may be made up anew for each call. */
const KEPT_MAX = 1000;

/**
 * Compiles an expression of the part of JMESPath that AWS's paginators and waiters use: names, `.`,
 * `[n]`, `[]`, `[*]`, `.*`, `[?…]`, `length(…)`, `==` and its kin, `&&`, `||`, `!`, parentheses, `@`
 * and literals.
 * @throws TypeError for anything else.
 * @see https://jmespath.org/specification.html
 */
export function compileExpression(text: string): Expression {
  const known = kept.get(text);
  if (known !== undefined) return known;
  const compiled = new Parser(text).parse();
  if (kept.size >= KEPT_MAX) kept.clear();
  kept.set(text, compiled);
  return compiled;
}

/** Recursive descent; each method reads one level of precedence, weakest first. */
class Parser {
  readonly #text: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  parse(): Expression {
    const expression = this.#or();
    if (this.#peek().kind !== "end") throw this.#error();
    return expression;
  }

  #or(): Expression {
    let left = this.#and();
    while (this.#take("||")) left = either(left, this.#and());
    return left;
  }

  #and(): Expression {
    let left = this.#comparison();
    while (this.#take("&&")) left = both(left, this.#comparison());
    return left;
  }

  #comparison(): Expression {
    const left = this.#not();
    const token = this.#peek();
    const compare = token.kind === "symbol" ? COMPARISONS.get(token.text) : undefined;
    if (compare === undefined) return left;
    this.#next += 1;
    const right = this.#not();
    return (value) => compare(left(value), right(value));
  }

  #not(): Expression {
    if (!this.#take("!")) return this.#path();
    const operand = this.#not();
    return (value) => !isTrue(operand(value));
  }

  #path(): Expression {
    const token = this.#peek();
    if (token.kind === "symbol" && ["[", "[]", "[?", "*"].includes(token.text)) {
      if (this.#take("*")) return this.#flattens(project(values, this.#projected()));
      return this.#flattens(this.#steps(identity));
    }
    return this.#flattens(this.#steps(this.#primary()));
  }

  #primary(): Expression {
    const token = this.#peek();
    this.#next += 1;
    if (token.kind === "literal") return () => token.value ?? undefined;
    if (token.kind === "name") {
      return this.#take("(") ? this.#call(token) : (value) => member(value, token.text);
    }
    if (token.kind === "symbol" && token.text === "@") return identity;
    if (token.kind === "symbol" && token.text === "(") {
      const inner = this.#or();
      this.#expect(")");
      return inner;
    }
    throw syntaxError(this.#text, token.at);
  }

  #call(name: Token): Expression {
    if (name.kind !== "name" || name.text !== "length") throw syntaxError(this.#text, name.at);
    const argument = this.#or();
    this.#expect(")");
    return (value) => lengthOf(argument(value));
  }

  /** `[]` ends the projections before it: it flattens their result. */
  #flattens(first: Expression): Expression {
    let left = first;
    while (this.#take("[]")) left = project(flattened(left), this.#projected());
    return left;
  }

  /** What is done to each item of a projection, up to the next `[]`. */
  #projected(): Expression {
    return this.#steps(identity);
  }

  #steps(first: Expression): Expression {
    let left = first;
    for (;;) {
      if (this.#take(".")) {
        if (this.#take("*")) return project(chain(left, values), this.#projected());
        left = chain(left, this.#name());
      } else if (this.#take("[?")) {
        const condition = this.#or();
        this.#expect("]");
        return project(filtered(left, condition), this.#projected());
      } else if (this.#take("[")) {
        if (this.#take("*")) {
          this.#expect("]");
          return project(left, this.#projected());
        }
        left = chain(left, this.#index());
      } else {
        return left;
      }
    }
  }

  #name(): Expression {
    const token = this.#peek();
    if (token.kind !== "name") throw this.#error();
    this.#next += 1;
    return (value) => member(value, token.text);
  }

  #index(): Expression {
    const token = this.#peek();
    if (token.kind !== "number") throw this.#error();
    this.#next += 1;
    this.#expect("]");
    return (value) => (Array.isArray(value) ? (value.at(token.value) ?? undefined) : undefined);
  }

  #peek(): Token {
    return this.#tokens[this.#next] ?? { kind: "end", at: this.#text.length };
  }

  #take(symbol: string): boolean {
    const token = this.#peek();
    if (token.kind !== "symbol" || token.text !== symbol) return false;
    this.#next += 1;
    return true;
  }

  #expect(symbol: string): void {
    if (!this.#take(symbol)) throw this.#error();
  }

  #error(): TypeError {
    return syntaxError(this.#text, this.#peek().at);
  }
}

/** Orderings are of numbers; of anything else they are absent. */
const COMPARISONS: ReadonlyMap<string, (left: unknown, right: unknown) => unknown> = new Map([
  ["==", equalValues],
  ["!=", (left: unknown, right: unknown) => !equalValues(left, right)],
  ["<", ordering((left, right) => left < right)],
  ["<=", ordering((left, right) => left <= right)],
  [">", ordering((left, right) => left > right)],
  [">=", ordering((left, right) => left >= right)],
]);

function ordering(
  compare: (left: number | bigint, right: number | bigint) => boolean,
): (left: unknown, right: unknown) => boolean | undefined {
  return (left, right) => (isNumeric(left) && isNumeric(right) ? compare(left, right) : undefined);
}

function identity(value: unknown): unknown {
  return value ?? undefined;
}

function chain(left: Expression, right: Expression): Expression {
  return (value) => right(left(value));
}

function either(left: Expression, right: Expression): Expression {
  return (value) => {
    const first = left(value);
    return isTrue(first) ? first : right(value);
  };
}

function both(left: Expression, right: Expression): Expression {
  return (value) => {
    const first = left(value);
    return isTrue(first) ? right(value) : first;
  };
}

/** Values of an object. */
function values(value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.values(value);
}

/** Applies `right` to each item, without what is absent then. */
function project(left: Expression, right: Expression): Expression {
  return (value) => {
    const items = left(value);
    if (!Array.isArray(items)) return undefined;
    return items.map(right).filter((item) => item !== undefined);
  };
}

function flattened(left: Expression): Expression {
  return (value) => {
    const items = left(value);
    return Array.isArray(items) ? items.flat() : undefined;
  };
}

function filtered(left: Expression, condition: Expression): Expression {
  return (value) => {
    const items = left(value);
    return Array.isArray(items) ? items.filter((item) => isTrue(condition(item))) : undefined;
  };
}
