import { EndpointError } from "../client/errors.ts";

/** Reads a value out of an input. */
export type InputReader = (input: unknown) => unknown;

/** What comes after a step, applied to its result. */
type Step = (value: unknown) => unknown;

/**
 * Compiles a path of `operationContextParams`: the part of JMESPath that models use there. Names,
 * `.`, `[*]`, `.*`, `[]`, `[a.b, c]`, `keys(…)`, `@`.
 *
 * @throws EndpointError for another expression.
 */
export function compileParameterPath(path: string): InputReader {
  const tokens = path.match(/\[\*\]|\[\]|[A-Za-z_]\w*|[[\](),.@*]|\S/g) ?? [];
  const parser = new PathParser(path, tokens);
  const read = parser.expression();
  parser.end();
  return read;
}

class PathParser {
  readonly #path: string;
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(path: string, tokens: readonly string[]) {
    this.#path = path;
    this.#tokens = tokens;
  }

  /** One expression, up to a comma, a closing bracket or the end. */
  expression(): InputReader {
    const first = this.#first();
    const rest = this.#rest();
    return (input) => rest(first(input));
  }

  end(): void {
    if (this.#at < this.#tokens.length) this.#fail();
  }

  #first(): Step {
    const token = this.#take();
    if (token === "@") return (value) => value;
    if (token === "*") return members;
    if (token === "[") return this.#list();
    if (token === "keys" && this.#peek() === "(") return this.#keys();
    if (token === undefined || !/^[A-Za-z_]/.test(token)) return this.#fail();
    return (value) => member(value, token);
  }

  /** A projection takes all that follows it: `a[*].b.c` is `b.c` of each item. */
  #rest(): Step {
    const token = this.#peek();
    if (token === undefined || token === "," || token === "]" || token === ")") {
      return (value) => value;
    }
    this.#at += 1;
    if (token === "[*]") return this.#projection(list);
    if (token === "[]") return this.#projection(flatten);
    if (token !== ".") return this.#fail();
    if (this.#peek() === "*") {
      this.#at += 1;
      return this.#projection(members);
    }
    const step = this.#first();
    const rest = this.#rest();
    return (value) => (isNothing(value) ? undefined : rest(step(value)));
  }

  #projection(items: (value: unknown) => unknown[] | undefined): Step {
    const [each, after] = this.#untilFlatten();
    return (value) =>
      after(
        items(value)
          ?.map(each)
          .filter((item) => !isNothing(item)),
      );
  }

  /** `[]` ends a projection: it sees the whole list. */
  #untilFlatten(): [each: Step, after: Step] {
    const steps: Step[] = [];
    for (;;) {
      const token = this.#peek();
      if (token !== ".") break;
      this.#at += 1;
      steps.push(this.#first());
    }
    const after = this.#rest();
    return [
      (value) =>
        steps.reduce((current, step) => (isNothing(current) ? undefined : step(current)), value),
      after,
    ];
  }

  #list(): Step {
    const items = [this.expression()];
    while (this.#peek() === ",") {
      this.#at += 1;
      items.push(this.expression());
    }
    if (this.#take() !== "]") this.#fail();
    return (value) => items.map((item) => item(value));
  }

  #keys(): Step {
    this.#at += 1;
    const argument = this.expression();
    if (this.#take() !== ")") this.#fail();
    return (value) => {
      const object = argument(value);
      return typeof object === "object" && object !== null ? Object.keys(object) : undefined;
    };
  }

  #peek(): string | undefined {
    return this.#tokens[this.#at];
  }

  #take(): string | undefined {
    const token = this.#tokens[this.#at];
    this.#at += 1;
    return token;
  }

  #fail(): never {
    throw new EndpointError(`Cannot compile the endpoint parameter path "${this.#path}"`);
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return (value as Record<string, unknown>)[name];
}

function list(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function members(value: unknown): unknown[] | undefined {
  return typeof value === "object" && value !== null ? Object.values(value) : undefined;
}

function flatten(value: unknown): unknown[] | undefined {
  return Array.isArray(value) ? value.flat(1) : undefined;
}

function isNothing(value: unknown): boolean {
  return value === undefined || value === null;
}
