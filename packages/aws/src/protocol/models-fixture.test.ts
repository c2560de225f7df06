import fc from "fast-check";
import type { Member, ScalarKind, Shape, StructureShape } from "../model/model.ts";
import { member, structure } from "./shapes-fixture.test.ts";

/** Arbitrary shapes with arbitrary values that they allow; this file has no tests of its own. */
export interface Sample {
  readonly shape: StructureShape;
  readonly value: Record<string, unknown>;
}

type Typed = readonly [Member, fc.Arbitrary<unknown>];

const scalars: readonly (readonly [ScalarKind, fc.Arbitrary<unknown>])[] = [
  ["string", fc.string({ unit: "binary" })],
  ["string", fc.constantFrom("", "__proto__", "null", 'NaN"', "\u2028\0", "😀".repeat(40))],
  ["boolean", fc.boolean()],
  ["integer", fc.integer()],
  ["long", fc.oneof(fc.maxSafeInteger(), longBeyondSafe())],
  ["float", fc.float().map(plusZero)],
  ["double", fc.double().map(plusZero)],
  ["bigInteger", fc.bigInt().map(narrow)],
  ["timestamp", dates()],
  ["blob", fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes))],
  ["document", documents()],
];

/** Far from 1970 the seconds of a double have no exact milliseconds. */
function dates(): fc.Arbitrary<Date> {
  const limits = { min: new Date("-009999-01-01"), max: new Date("9999-12-31T23:59:59.999Z") };
  return fc.date({ noInvalidDate: true, ...limits });
}

/** Within a document `null` is a value; a member that is `null` is absent. */
function documents(): fc.Arbitrary<unknown> {
  const values = fc.jsonValue({ maxDepth: 3 }).filter((value) => value !== null);
  return values.map((value): unknown => JSON.parse(JSON.stringify(value)));
}

/** JSON has no negative zero that all readers keep. */
function plusZero(value: number): number {
  return value === 0 ? 0 : value;
}

function longBeyondSafe(): fc.Arbitrary<unknown> {
  return fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map(narrow);
}

/** What a reader gives: a number where one holds the value. */
function narrow(value: bigint): number | bigint {
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

const memberName = fc.constantFrom(
  "Name",
  "Key",
  "Value",
  "Items",
  "a",
  "B",
  "Zulu",
  "x-y",
  "länge",
);

function typed(depth: number): fc.Arbitrary<Typed> {
  const scalar = fc
    .tuple(fc.constantFrom(...scalars), fc.constantFrom(undefined, "iso8601", "unixTimestamp"))
    .map(([[kind, values], timestampFormat]): Typed => {
      const shape: Shape = { kind };
      return [
        member("", shape, { timestampFormat: timestampFormat as "iso8601" | undefined }),
        values,
      ];
    });
  if (depth === 0) return scalar;
  const inner = typed(depth - 1);
  return fc.oneof(
    scalar,
    fc.tuple(inner, fc.boolean()).map(([[item, values], sparse]): Typed => {
      const shape: Shape = { kind: "list", name: "L", member: item, sparse };
      return [member("", shape), fc.array(sparse ? fc.option(values) : values, { maxLength: 4 })];
    }),
    fc.tuple(inner, fc.boolean()).map(([[value, values], sparse]): Typed => {
      const key = member("", { kind: "string" });
      const shape: Shape = { kind: "map", name: "M", key, value, sparse };
      const keys = fc.oneof(
        fc.string({ maxLength: 5 }),
        fc.constantFrom("__proto__", "constructor"),
      );
      const entries = fc.array(fc.tuple(keys, sparse ? fc.option(values) : values), {
        maxLength: 4,
      });
      return [member("", shape), entries.map((pairs) => Object.fromEntries(pairs))];
    }),
    structured(depth - 1).map(([shape, values]): Typed => [member("", shape), values]),
  );
}

function structured(
  depth: number,
): fc.Arbitrary<readonly [StructureShape, fc.Arbitrary<Record<string, unknown>>]> {
  const fields = fc.uniqueArray(fc.tuple(memberName, typed(depth), fc.boolean()), {
    selector: ([name]) => name,
    maxLength: 8,
  });
  return fields.map((members) => {
    const shape = structure(
      "S",
      members.map(([name, [each], renamed]) => ({
        ...each,
        name,
        ...(renamed ? { wireName: `${name}OnWire` } : {}),
      })),
    );
    const values = fc.record(
      Object.fromEntries(members.map(([name, [, value]]) => [name, value])),
      {
        requiredKeys: [],
      },
    );
    return [shape, values.map((value) => ({ ...value }))] as const;
  });
}

/** A structure and a value of it. */
export const samples: fc.Arbitrary<Sample> = structured(3).chain(([shape, values]) =>
  values.map((value) => ({ shape, value })),
);
