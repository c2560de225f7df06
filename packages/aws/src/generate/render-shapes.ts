import type { C2jRef, C2jShape } from "./c2j.ts";
import { shapeAt, type Side, sideOf, typeExpression, type TypeSource } from "./type-expression.ts";
import { propertyName } from "./type-names.ts";

/** What every `ServiceError` has: a modelled member of that name is not set. */
const errorProperties = new Set(
  "name message stack cause code requestId statusCode retryable throttling".split(" "),
);

/** The declarations of the shapes that operations use, in the order of their names. */
export function renderShapes(source: TypeSource): readonly string[] {
  const { service, scope } = source;
  return Object.keys(service.shapes)
    .filter((name) => scope.isInput(name) || scope.isOutput(name))
    .sort()
    .flatMap((name) => renderShape(source, name));
}

function renderShape(source: TypeSource, name: string): readonly string[] {
  const shape = shapeAt(source.service, name);
  if (shape.type === "string") return renderEnum(source, name, shape);
  if (shape.type !== "structure" || shape.document === true) return [];
  if (source.scope.errors.has(name)) return [renderError(source, name, shape)];
  const side = sideOf(source.scope, name);
  const typeName = source.names.shape(name);
  if (shape.union === true || shape.eventstream === true) {
    const members = Object.entries(shape.members ?? {})
      .filter(([, { shape: target }]) => !source.scope.errors.has(target))
      .map(([member, ref]) => property(member, typeExpression(source, ref, side)));
    return [`export type ${typeName} = aws.Union<${block(members)}>;`];
  }
  return [`export interface ${typeName} ${block(membersOf(source, shape, side))}`];
}

function renderEnum({ names }: TypeSource, name: string, shape: C2jShape): readonly string[] {
  const values = (shape.enum ?? []).map((value) => JSON.stringify(value));
  if (values.length === 0) return [];
  return [`export type ${names.shape(name)} = aws.Open<${values.join(" | ")}>;`];
}

function renderError(source: TypeSource, name: string, shape: C2jShape): string {
  const members = Object.entries(shape.members ?? {})
    .filter(([member]) => !errorProperties.has(member))
    .map(([member, ref]) => optional(source, member, ref, "output"));
  const own = [`readonly name: ${JSON.stringify(name)};`, ...members];
  return `export interface ${source.names.shape(name)} extends aws.ServiceError ${block(own)}`;
}

/** In what a caller gives, required members are; in what a caller only gets, nothing is sure. */
function membersOf(source: TypeSource, shape: C2jShape, side: Side): readonly string[] {
  const required = new Set(side === "output" ? [] : shape.required);
  return Object.entries(shape.members ?? {}).map(([member, ref]) =>
    required.has(member) && ref.idempotencyToken !== true
      ? property(member, typeExpression(source, ref, side), ref)
      : optional(source, member, ref, side),
  );
}

function optional(source: TypeSource, member: string, ref: C2jRef, side: Side): string {
  const type = typeExpression(source, ref, side);
  return `${deprecation(ref)}${propertyName(member)}?: ${type} | undefined;`;
}

function property(member: string, type: string, ref?: C2jRef): string {
  return `${deprecation(ref)}${propertyName(member)}: ${type};`;
}

function deprecation(ref: C2jRef | undefined): string {
  return ref?.deprecated === true ? "/** @deprecated */ " : "";
}

function block(lines: readonly string[]): string {
  return lines.length === 0 ? "{}" : `{\n${lines.map((line) => `  ${line}\n`).join("")}}`;
}
