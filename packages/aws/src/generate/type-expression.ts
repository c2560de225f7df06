import type { C2jRef, C2jService, C2jShape } from "./c2j.ts";
import type { TypeNames } from "./type-names.ts";
import type { TypeScope } from "./type-scope.ts";

/** What the declarations of one service are made from. */
export interface TypeSource {
  readonly service: C2jService;
  readonly names: TypeNames;
  readonly scope: TypeScope;
}

/** On which side of a call a value is: given only, got only, or both. */
export type Side = "input" | "output" | "both";

/** The side of a shape. */
export function sideOf(scope: TypeScope, shape: string): Side {
  if (!scope.isInput(shape)) return "output";
  return scope.isOutput(shape) ? "both" : "input";
}

/** The type of what a reference refers to, for a value on one side. */
export function typeExpression(source: TypeSource, ref: C2jRef, side: Side): string {
  const { service, names } = source;
  const shape = shapeAt(service, ref.shape);
  if (shape.declared !== undefined) return shape.declared;
  if (ref.jsonvalue === true || shape.jsonvalue === true) return "unknown";
  switch (shape.type) {
    case "structure":
      if (shape.document === true) return "aws.DocumentValue";
      if (shape.eventstream === true) return `AsyncIterable<${names.shape(ref.shape)}>`;
      return names.shape(ref.shape);
    case "list":
      return listExpression(source, shape, side);
    case "map":
      return mapExpression(source, shape, side);
    case "blob":
      return blobExpression(ref.streaming === true || shape.streaming === true, side);
    case "string":
    case "character":
      return (shape.enum ?? []).length > 0 ? names.shape(ref.shape) : "string";
    case "boolean":
      return "boolean";
    case "timestamp":
      return "Date";
    case "long":
    case "biginteger":
    case "bigInteger":
      return side === "input" ? "number | bigint" : "number";
    default:
      return "number";
  }
}

/** The shape of a name. @throws TypeError when there is none. */
export function shapeAt({ shapes }: C2jService, name: string): C2jShape {
  const shape = shapes[name];
  if (shape === undefined) throw new TypeError(`Cannot declare shape "${name}": there is none`);
  return shape;
}

function listExpression(source: TypeSource, shape: C2jShape, side: Side): string {
  const { member } = shape;
  if (member === undefined) throw new TypeError("Cannot declare a list without member");
  const item = orNull(typeExpression(source, member, side), shape);
  return /^[\w$.<>[\]]+$/.test(item) ? `${item}[]` : `(${item})[]`;
}

function mapExpression(source: TypeSource, shape: C2jShape, side: Side): string {
  const { key, value } = shape;
  if (key === undefined || value === undefined) {
    throw new TypeError("Cannot declare a map without key or value");
  }
  const keys = typeExpression(source, key, side);
  const values = orNull(typeExpression(source, value, side), shape);
  return keys === "string" ? `Record<string, ${values}>` : `Partial<Record<${keys}, ${values}>>`;
}

function blobExpression(streaming: boolean, side: Side): string {
  const kinds = {
    input: streaming ? "aws.StreamingBlobInput" : "aws.BlobInput",
    output: streaming ? "aws.ResponseBody" : "Uint8Array",
    both: streaming ? "aws.StreamingBlobInput | aws.ResponseBody" : "Uint8Array",
  };
  return kinds[side];
}

function orNull(type: string, { sparse }: C2jShape): string {
  return sparse === true ? `${type} | null` : type;
}
