import fc from "fast-check";
import type { ListShape, MapShape, Member, Shape, StructureShape } from "../model/model.ts";
import { list, map, member, scalar, string, structure } from "./shapes-fixture.test.ts";

/** A structure, and values that its model allows; this file has no tests of its own. */
export interface ModelledValue {
  readonly shape: StructureShape;
  readonly value: Readonly<Record<string, unknown>>;
}

const anyText = fc.string({ unit: "binary", maxLength: 12 });

/** Any structure of XML, and a value of it. */
export const modelledValue: fc.Arbitrary<ModelledValue> = structures(3).chain((shape) =>
  valueOf(shape).map((value) => ({ shape, value: value as ModelledValue["value"] })),
);

function shapes(depth: number): fc.Arbitrary<Shape> {
  const kinds = [
    "string",
    "boolean",
    "integer",
    "long",
    "float",
    "double",
    "bigInteger",
    "timestamp",
    "blob",
  ] as const;
  const scalars = fc.constantFrom(...kinds).map(scalar);
  if (depth === 0) return scalars;
  const wireName = fc.option(fc.constantFrom("item", "Entry", "é"), { nil: undefined });
  const lists = fc
    .tuple(shapes(depth - 1), wireName)
    .map(([item, name]) => list(item, { wireName: name }));
  const maps = shapes(depth - 1).chain((item) =>
    fc.constantFrom(map(item), map(item, ["Name", "Setting"])),
  );
  return fc.oneof(scalars, lists, maps, structures(depth - 1));
}

function structures(depth: number): fc.Arbitrary<StructureShape> {
  const names = ["A", "Aa", "B", "Key", "member", "Value"];
  const traits = fc.record({
    shape: shapes(depth),
    flattened: fc.boolean(),
    xmlAttribute: fc.boolean(),
    wireName: fc.option(fc.constantFrom("x:", ""), { nil: undefined }),
  });
  return fc
    .tuple(fc.subarray(names), fc.array(traits, { minLength: 6, maxLength: 6 }))
    .map(([chosen, all]) =>
      structure(
        "Shape",
        chosen.map((name, index) => memberOf(name, all[index]!)),
      ),
    );
}

function memberOf(name: string, traits: Omit<Member, "name">): Member {
  const { shape, wireName: prefix } = traits;
  const many = shape.kind === "list" || shape.kind === "map";
  return member(name, shape, {
    flattened: many && traits.flattened === true,
    xmlAttribute: shape === string || shape.kind === "string" ? traits.xmlAttribute : false,
    wireName: prefix === undefined ? undefined : `${prefix}${name}Wire`,
  });
}

function valueOf(shape: Shape): fc.Arbitrary<unknown> {
  switch (shape.kind) {
    case "structure":
      return fc.record(
        Object.fromEntries(shape.members.map((each) => [each.name, memberValueOf(each)])),
        { requiredKeys: [], noNullPrototype: true },
      );
    case "list":
      return listOf(shape, 0);
    case "map":
      return mapOf(shape, 0);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.maxSafeInteger();
    case "long":
    case "bigInteger":
      return fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map(numberOr);
    case "float":
    case "double":
      return fc.double().map((value) => value + 0);
    case "timestamp":
      return fc.date({ noInvalidDate: true, min: new Date(0), max: new Date("9999-12-31") });
    case "blob":
      return fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes));
    case "string":
    case "document":
    case "bigDecimal":
    default:
      return anyText;
  }
}

/** A flattened list or map without items leaves no trace. */
function memberValueOf({ shape, flattened }: Member): fc.Arbitrary<unknown> {
  const least = flattened === true ? 1 : 0;
  if (shape.kind === "list") return listOf(shape, least);
  return shape.kind === "map" ? mapOf(shape, least) : valueOf(shape);
}

function listOf({ member: item }: ListShape, minLength: number): fc.Arbitrary<unknown> {
  return fc.array(valueOf(item.shape), { minLength, maxLength: 3 });
}

function mapOf({ value }: MapShape, minLength: number): fc.Arbitrary<unknown> {
  const key = fc.oneof(fc.constantFrom("__proto__", "toString", ""), anyText);
  return fc
    .array(fc.tuple(key, valueOf(value.shape)), { minLength, maxLength: 3 })
    .map((entries) => Object.fromEntries(entries));
}

function numberOr(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
