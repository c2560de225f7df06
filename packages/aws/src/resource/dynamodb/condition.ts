import { type AttributePath, type PathStep, pathSteps } from "./attribute-path.ts";

/** DynamoDB's names of types of values. */
export type AttributeType = "S" | "SS" | "N" | "NS" | "B" | "BS" | "BOOL" | "NULL" | "L" | "M";

/** What stands on the left of a comparison: an attribute, or its size. */
export interface Operand {
  readonly steps: readonly PathStep[];
  readonly isSize?: true;
}

/** A condition as data; `compile-expression` writes it as text. */
export type Term =
  | {
      readonly kind: "compare";
      readonly of: Operand;
      readonly is: Comparator;
      readonly to: unknown;
    }
  | {
      readonly kind: "between";
      readonly of: Operand;
      readonly low: unknown;
      readonly high: unknown;
    }
  | { readonly kind: "in"; readonly of: Operand; readonly values: readonly unknown[] }
  | { readonly kind: "call"; readonly name: string; readonly of: Operand; readonly given?: unknown }
  | { readonly kind: "and" | "or"; readonly terms: readonly Term[] }
  | { readonly kind: "not"; readonly term: Term };

type Comparator = "=" | "<>" | "<" | "<=" | ">" | ">=";

/** Source: Amazon DynamoDB Developer Guide, "Comparison operator and function reference". */
const inValuesMax = 100;

/**
 * A condition on attributes, for everything that takes a condition, a filter or a key expression. It
 * never changes, and can be used in any number of requests. Those that `Key` makes, and what `and`
 * makes of them, are `Condition<"key">`: no others may stand in a `KeyConditionExpression`.
 */
export class Condition<out On extends "key" | "attribute" = "key" | "attribute"> {
  /** What it may be used on. */
  readonly on: On;
  /** The condition as data. */
  readonly term: Term;

  constructor(on: On, term: Term) {
    this.on = on;
    this.term = term;
  }

  /** Holds when this one and all others hold. */
  and<Other extends "key" | "attribute">(
    ...others: readonly Condition<Other>[]
  ): Condition<On | Other> {
    const on = others.every((other) => other.on === "key") ? this.on : "attribute";
    return new Condition(on as On | Other, combined("and", this, others));
  }

  /** Holds when this one or any other holds. */
  or(...others: readonly Condition[]): Condition<"attribute"> {
    return new Condition("attribute", combined("or", this, others));
  }

  /** Holds when this one does not. */
  not(): Condition<"attribute"> {
    return new Condition("attribute", { kind: "not", term: this.term });
  }
}

/** A condition on the key of an item, as a query takes it. */
export type KeyCondition = Condition<"key">;

function combined(kind: "and" | "or", first: Condition, others: readonly Condition[]): Term {
  const terms: Term[] = [];
  for (const condition of [first, ...others]) {
    if (!(condition instanceof Condition)) {
      throw new TypeError(`Cannot combine conditions: "${String(condition)}" is none`);
    }
    // `a.and(b).and(c)` is one list, and needs no parentheses.
    if (condition.term.kind === kind) terms.push(...condition.term.terms);
    else terms.push(condition.term);
  }
  return { kind, terms };
}

/** An attribute that values are compared with. */
abstract class Comparable<On extends "key" | "attribute", Value> implements Operand {
  readonly steps: readonly PathStep[];
  /** What its conditions may be used on. */
  readonly on: On;

  constructor(on: On, steps: readonly PathStep[]) {
    this.on = on;
    this.steps = steps;
  }

  /** Equal; sets, lists and maps as a whole. The partition key of a query needs this one. */
  eq(value: Value): Condition<On> {
    return compare(this, "=", value);
  }

  /** Less than; never so for a value of another type. */
  lt(value: Value): Condition<On> {
    return compare(this, "<", value);
  }

  /** Less than, or equal. */
  lte(value: Value): Condition<On> {
    return compare(this, "<=", value);
  }

  /** Greater than. */
  gt(value: Value): Condition<On> {
    return compare(this, ">", value);
  }

  /** Greater than, or equal. */
  gte(value: Value): Condition<On> {
    return compare(this, ">=", value);
  }

  /** Greater than the one or equal, and less than the other or equal. */
  between(low: Value, high: Value): Condition<On> {
    const bounds = { low: given(this, low), high: given(this, high) };
    return new Condition(this.on, { kind: "between", of: this, ...bounds });
  }
}

/** An attribute of the key; conditions on it can stand in a `KeyConditionExpression`. */
export class KeyAttribute extends Comparable<"key", unknown> {
  constructor(name: string) {
    // Keys are attributes of the item itself: a dot in the name is one.
    super("key", pathSteps([name]));
  }

  /** Text or bytes that begin so. */
  beginsWith(start: string | Uint8Array): KeyCondition {
    return call(this, "begins_with", start);
  }
}

/** What `Attr` and its `size()` can be compared in, beside what keys can. */
abstract class AttributeOperand<Value> extends Comparable<"attribute", Value> {
  constructor(steps: readonly PathStep[]) {
    super("attribute", steps);
  }

  /** Not equal; also when there is no such attribute. */
  ne(value: Value): Condition<"attribute"> {
    return compare(this, "<>", value);
  }

  /** Equal to one of the values. @throws RangeError for none, or more than 100 */
  in(values: Iterable<Value>): Condition<"attribute"> {
    return oneOf(this, values);
  }
}

/** An attribute of an item, or a value anywhere in it. Values can be attributes too: `Attr("a").lt(Attr("b"))`. */
export class ItemAttribute extends AttributeOperand<unknown> {
  constructor(path: AttributePath) {
    super(pathSteps(path));
  }

  /** Text or bytes that begin so. */
  beginsWith(start: string | Uint8Array | ItemAttribute): Condition<"attribute"> {
    return call(this, "begins_with", start);
  }

  /** There is such an attribute, of any value; `null` is one. */
  exists(): Condition<"attribute"> {
    return new Condition("attribute", { kind: "call", name: "attribute_exists", of: this });
  }

  /** There is no such attribute. On a key attribute: there is no such item. */
  notExists(): Condition<"attribute"> {
    return new Condition("attribute", { kind: "call", name: "attribute_not_exists", of: this });
  }

  /** Text with such a part, or a list or set with such an element. */
  contains(value: unknown): Condition<"attribute"> {
    return call(this, "contains", value);
  }

  /** The length of text, the bytes of a binary, the elements of a list, set or map: to be compared. */
  size(): AttributeSize {
    return new AttributeSize(this.steps);
  }

  /** The value is of that type of DynamoDB: `attributeType("SS")`. */
  attributeType(type: AttributeType): Condition<"attribute"> {
    return call(this, "attribute_type", type);
  }
}

/** The size of an attribute's value; what `Attr("name").size()` gives. */
export class AttributeSize extends AttributeOperand<number | ItemAttribute> {
  readonly isSize = true;
}

/** Conditions on an attribute of the key, for queries: `Key("pk").eq("x").and(Key("sk").gt(3))`. */
export function Key(name: string): KeyAttribute {
  return new KeyAttribute(name);
}

/**
 * Conditions on an attribute, for filters and conditional writes: `Attr("status").ne("sent")`. The path
 * is split at `.` and `[n]`; names that have them are given as steps: `Attr(["a.b", 0])`.
 */
export function Attr(path: AttributePath): ItemAttribute {
  return new ItemAttribute(path);
}

function compare<On extends "key" | "attribute">(
  of: Operand & { readonly on: On },
  is: Comparator,
  to: unknown,
): Condition<On> {
  return new Condition(of.on, { kind: "compare", of, is, to: given(of, to) });
}

function call<On extends "key" | "attribute">(
  of: Operand & { readonly on: On },
  name: string,
  value: unknown,
): Condition<On> {
  return new Condition(of.on, { kind: "call", name, of, given: given(of, value) });
}

function oneOf(of: Operand, values: Iterable<unknown>): Condition<"attribute"> {
  const some: unknown = values;
  if (typeof some !== "object" || some === null) {
    throw new TypeError(
      `Cannot make a condition on "${of.steps.join(".")}": in() takes a list of values, not "${String(some)}"`,
    );
  }
  const list = Array.from(values, (value) => given(of, value));
  if (list.length === 0 || list.length > inValuesMax) {
    throw new RangeError(
      `Cannot make a condition on "${of.steps.join(".")}": in() takes 1 to ${inValuesMax} values, not ${list.length}`,
    );
  }
  return new Condition("attribute", { kind: "in", of, values: list });
}

/** A value that is there: one that is missing would compare with nothing. */
function given(of: Operand, value: unknown): unknown {
  if (value !== undefined) return value;
  throw new TypeError(
    `Cannot make a condition on "${of.steps.join(".")}": the value is undefined; for an attribute that is not there use notExists()`,
  );
}
