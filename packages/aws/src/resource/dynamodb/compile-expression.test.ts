import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { PathStep } from "./attribute-path.ts";
import { compileTerm, Placeholders } from "./compile-expression.ts";
import { Attr, type Condition, Key, type Operand, type Term } from "./condition.ts";

const written: readonly (readonly [Condition, string])[] = [
  [Attr("a").eq(1), "#n0 = :v0"],
  [Attr("a").ne(1), "#n0 <> :v0"],
  [Attr("a").lt(1), "#n0 < :v0"],
  [Attr("a").lte(1), "#n0 <= :v0"],
  [Attr("a").gt(1), "#n0 > :v0"],
  [Attr("a").gte(1), "#n0 >= :v0"],
  [Attr("a").between(1, 2), "#n0 BETWEEN :v0 AND :v1"],
  [Attr("a").in([1, 2]), "#n0 IN (:v0, :v1)"],
  [Attr("a").exists(), "attribute_exists(#n0)"],
  [Attr("a").notExists(), "attribute_not_exists(#n0)"],
  [Attr("a").contains("x"), "contains(#n0, :v0)"],
  [Attr("a").beginsWith("x"), "begins_with(#n0, :v0)"],
  [Attr("a").attributeType("N"), "attribute_type(#n0, :v0)"],
  [Attr("a").size().gt(3), "size(#n0) > :v0"],
  [Attr("a").eq(Attr("b.c")), "#n0 = #n1.#n2"],
  [Attr("a").lt(Attr("b").size()), "#n0 < size(#n1)"],
  [Attr("a.b[2].a").eq(1), "#n0.#n1[2].#n0 = :v0"],
  [Key("a").eq(1).and(Key("b").beginsWith("x")), "#n0 = :v0 AND begins_with(#n1, :v1)"],
  [Attr("a").eq(1).not(), "NOT (#n0 = :v0)"],
  [
    Attr("a")
      .eq(1)
      .and(Attr("b").eq(2).or(Attr("c").eq(3))),
    "#n0 = :v0 AND (#n1 = :v1 OR #n2 = :v2)",
  ],
  [
    Attr("a").eq(1).and(Attr("b").eq(2)).and(Attr("a").eq(3)),
    "#n0 = :v0 AND #n1 = :v1 AND #n0 = :v2",
  ],
];
for (const [condition, text] of written) {
  test(`compileTerm() writes ${text}`, () => {
    assert.equal(compileTerm(condition.term, new Placeholders()), text);
  });
}

test("compileTerm() writes what reads back as the same condition, with any names and values", () => {
  fc.assert(
    fc.property(anyTerm, (term) => {
      const placeholders = new Placeholders({ "#mine": "mine" }, { ":mine": 0 });
      const text = compileTerm(term, placeholders);
      const { names = {}, values = {} } = placeholders;
      assert.deepEqual(flat(new Reader(text, names, values).read()), flat(term));
      // Each placeholder is used, and those of the caller are there.
      const used = new Set(text.match(/[#:][nv]\d+/g));
      const given = [...Object.keys(names), ...Object.keys(values)];
      assert.deepEqual(new Set([...used, "#mine", ":mine"]), new Set(given));
      assert.equal(new Set(Object.values(names)).size, Object.keys(names).length);
    }),
    { numRuns: 300 },
  );
});

const name = fc.oneof(
  fc.constantFrom("a", "b", "size", "AND", "#n0", ":v0", "a.b", "x[0]", "__proto__", "constructor"),
  fc.string({ minLength: 1 }).filter((text) => text !== "mine"),
);
const steps: fc.Arbitrary<readonly PathStep[]> = fc
  .tuple(name, fc.array(fc.oneof(name, fc.nat({ max: 20 })), { maxLength: 3 }))
  .map(([first, rest]) => [first, ...rest]);
/** As values of literals are. */
const record = <T>(members: { [Name in keyof T]: fc.Arbitrary<T[Name]> }): fc.Arbitrary<T> =>
  fc.record(members, { noNullPrototype: true }) as fc.Arbitrary<T>;
const operand: fc.Arbitrary<Operand> = fc.oneof(
  record({ steps }),
  record({ steps, isSize: fc.constant(true as const) }),
);
const value = fc.oneof(fc.string(), fc.integer(), fc.constant(null), fc.array(fc.integer()));
const { term: anyTerm } = fc.letrec<{ term: Term }>((tie) => ({
  term: fc.oneof(
    { maxDepth: 4 },
    record({
      kind: fc.constant("compare" as const),
      of: operand,
      is: fc.constantFrom("=", "<>", "<", "<=", ">", ">="),
      to: value,
    }),
    record({ kind: fc.constant("between" as const), of: operand, low: value, high: value }),
    record({
      kind: fc.constant("in" as const),
      of: operand,
      values: fc.array(value, { minLength: 1, maxLength: 4 }),
    }),
    record({
      kind: fc.constant("call" as const),
      name: fc.constantFrom("contains", "begins_with"),
      of: record({ steps }),
      given: value,
    }),
    record({
      kind: fc.constant("call" as const),
      name: fc.constantFrom("attribute_exists", "attribute_not_exists"),
      of: record({ steps }),
    }),
    record({ kind: fc.constant("not" as const), term: tie("term") }),
    record({
      kind: fc.constantFrom("and" as const, "or" as const),
      terms: fc.array(tie("term"), { minLength: 2, maxLength: 3 }),
    }),
  ) as fc.Arbitrary<Term>,
}));

/** `and` within `and` is one list: parentheses would be redundant. */
function flat(term: Term): Term {
  if (term.kind === "not") return { kind: "not", term: flat(term.term) };
  if (term.kind !== "and" && term.kind !== "or") return term;
  const terms = term.terms
    .map(flat)
    .flatMap((each) => (each.kind === term.kind && "terms" in each ? each.terms : [each]));
  return { kind: term.kind, terms };
}

/** Reads DynamoDB's grammar of conditions, by its precedence: NOT, AND, OR. */
class Reader {
  readonly #tokens: readonly string[];
  readonly #names: Readonly<Record<string, string>>;
  readonly #values: Readonly<Record<string, unknown>>;
  #at = 0;

  constructor(
    text: string,
    names: Readonly<Record<string, string>>,
    values: Readonly<Record<string, unknown>>,
  ) {
    this.#tokens = text.match(/[#:]\w+|\w+|<>|<=|>=|[=<>(),.[\]]/g) ?? [];
    this.#names = names;
    this.#values = values;
  }

  read(): Term {
    const term = this.#list("OR", () => this.#list("AND", () => this.#unary()));
    assert.equal(this.#tokens[this.#at], undefined);
    return term;
  }

  #list(word: "AND" | "OR", read: () => Term): Term {
    const terms = [read()];
    while (this.#takes(word)) terms.push(read());
    const [only] = terms;
    if (terms.length === 1 && only !== undefined) return only;
    return { kind: word === "AND" ? "and" : "or", terms };
  }

  #unary(): Term {
    if (this.#takes("NOT")) return { kind: "not", term: this.#unary() };
    if (this.#takes("(")) {
      const term = this.#list("OR", () => this.#list("AND", () => this.#unary()));
      this.#expect(")");
      return term;
    }
    const word = this.#tokens[this.#at] ?? "";
    if (/^[a-z_]+$/.test(word) && word !== "size") return this.#call(word);
    const of = this.#operand();
    if (this.#takes("BETWEEN")) {
      const low = this.#value();
      this.#expect("AND");
      return { kind: "between", of, low, high: this.#value() };
    }
    if (this.#takes("IN")) {
      this.#expect("(");
      const values = [this.#value()];
      while (this.#takes(",")) values.push(this.#value());
      this.#expect(")");
      return { kind: "in", of, values };
    }
    return { kind: "compare", of, is: this.#next() as "=", to: this.#value() };
  }

  #call(called: string): Term {
    this.#at += 1;
    this.#expect("(");
    const of = this.#operand();
    const given = this.#takes(",") ? { given: this.#value() } : {};
    this.#expect(")");
    return { kind: "call", name: called, of, ...given };
  }

  #operand(): Operand {
    if (!this.#takes("size")) return { steps: this.#path() };
    this.#expect("(");
    const path = this.#path();
    this.#expect(")");
    return { steps: path, isSize: true };
  }

  #path(): readonly PathStep[] {
    const path: PathStep[] = [this.#name()];
    for (;;) {
      if (this.#takes(".")) path.push(this.#name());
      else if (this.#takes("[")) {
        path.push(Number(this.#next()));
        this.#expect("]");
      } else return path;
    }
  }

  #name(): string {
    const placeholder = this.#next();
    assert.ok(Object.hasOwn(this.#names, placeholder), placeholder);
    return this.#names[placeholder] ?? "";
  }

  #value(): unknown {
    const placeholder = this.#next();
    assert.ok(Object.hasOwn(this.#values, placeholder), placeholder);
    return this.#values[placeholder];
  }

  #takes(token: string): boolean {
    if (this.#tokens[this.#at] !== token) return false;
    this.#at += 1;
    return true;
  }

  #expect(token: string): void {
    assert.ok(this.#takes(token), `${token} at ${this.#at} of ${this.#tokens.join(" ")}`);
  }

  #next(): string {
    this.#at += 1;
    return this.#tokens[this.#at - 1] ?? "";
  }
}
