import type { PathStep } from "./attribute-path.ts";
import {
  AttributeSize,
  ItemAttribute,
  KeyAttribute,
  type Operand,
  type Term,
} from "./condition.ts";

/**
 * The placeholders of one request: names become `#n0`, `#n1`, values `:v0`, `:v1`. Those that the
 * caller gives are kept. A name has one placeholder however often it is used.
 */
export class Placeholders {
  readonly #names: Record<string, string>;
  readonly #values: Record<string, unknown>;
  readonly #ofName = new Map<string, string>();
  #valueCount = 0;

  constructor(
    names: Readonly<Record<string, string>> = {},
    values: Readonly<Record<string, unknown>> = {},
  ) {
    this.#names = { ...names };
    this.#values = { ...values };
  }

  /** `undefined` where there are none: DynamoDB refuses an empty map. */
  get names(): Readonly<Record<string, string>> | undefined {
    return orNone(this.#names);
  }

  get values(): Readonly<Record<string, unknown>> | undefined {
    return orNone(this.#values);
  }

  /** @throws TypeError when the caller has a placeholder of that name. */
  name(text: string): string {
    let placeholder = this.#ofName.get(text);
    if (placeholder !== undefined) return placeholder;
    placeholder = free("ExpressionAttributeNames", `#n${this.#ofName.size}`, this.#names);
    this.#ofName.set(text, placeholder);
    this.#names[placeholder] = text;
    return placeholder;
  }

  /** @throws TypeError when the caller has a placeholder of that name. */
  value(value: unknown): string {
    const placeholder = free("ExpressionAttributeValues", `:v${this.#valueCount++}`, this.#values);
    this.#values[placeholder] = value;
    return placeholder;
  }
}

/** A condition as text, its names and values as placeholders. */
export function compileTerm(term: Term, placeholders: Placeholders): string {
  switch (term.kind) {
    case "compare": {
      const { of, is, to } = term;
      return `${operandText(of, placeholders)} ${is} ${valueText(to, placeholders)}`;
    }
    case "between": {
      const [of, low] = [operandText(term.of, placeholders), valueText(term.low, placeholders)];
      return `${of} BETWEEN ${low} AND ${valueText(term.high, placeholders)}`;
    }
    case "in": {
      const of = operandText(term.of, placeholders);
      return `${of} IN (${term.values.map((value) => valueText(value, placeholders)).join(", ")})`;
    }
    case "call": {
      const of = operandText(term.of, placeholders);
      if (term.given === undefined) return `${term.name}(${of})`;
      return `${term.name}(${of}, ${valueText(term.given, placeholders)})`;
    }
    case "not":
      return `NOT (${compileTerm(term.term, placeholders)})`;
    case "and":
    case "or":
    default:
      return combinedText(term.kind, term.terms, placeholders);
  }
}

/** DynamoDB refuses parentheses that it finds redundant, so there are only those that tell. */
function combinedText(
  kind: "and" | "or",
  terms: readonly Term[],
  placeholders: Placeholders,
): string {
  return terms
    .map((term) => {
      const text = compileTerm(term, placeholders);
      const isOther = (term.kind === "and" || term.kind === "or") && term.kind !== kind;
      return isOther ? `(${text})` : text;
    })
    .join(kind === "and" ? " AND " : " OR ");
}

/** A path as text: `#n0.#n1[2]`. */
export function pathText(steps: readonly PathStep[], placeholders: Placeholders): string {
  let text = "";
  for (const step of steps) {
    if (typeof step === "number") text += `[${step}]`;
    else text += (text === "" ? "" : ".") + placeholders.name(step);
  }
  return text;
}

function operandText({ steps, isSize }: Operand, placeholders: Placeholders): string {
  const path = pathText(steps, placeholders);
  return isSize === true ? `size(${path})` : path;
}

function valueText(value: unknown, placeholders: Placeholders): string {
  const isOperand =
    value instanceof ItemAttribute ||
    value instanceof KeyAttribute ||
    value instanceof AttributeSize;
  return isOperand ? operandText(value, placeholders) : placeholders.value(value);
}

function free(member: string, placeholder: string, taken: object): string {
  if (!Object.hasOwn(taken, placeholder)) return placeholder;
  const series = placeholder.startsWith("#") ? "#n0, #n1, …" : ":v0, :v1, …";
  throw new TypeError(
    `Cannot use "${placeholder}" in ${member}: conditions as objects take ${series}; choose another name`,
  );
}

function orNone<T extends object>(record: T): T | undefined {
  for (const key in record) if (Object.hasOwn(record, key)) return record;
  return undefined;
}
