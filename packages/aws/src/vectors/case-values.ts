import type { Member, Shape } from "../model/model.ts";
import { Decimal } from "../protocol/decimal.ts";

/**
 * Turns a value of a case into what a caller gives, by its shape: times are seconds since the epoch
 * there, special floats are words, bytes are text.
 */
export function inputOf(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  switch (shape.kind) {
    case "structure":
      return mapMembers(shape.members, value, inputOf);
    case "list":
      return (value as readonly unknown[]).map((item) => inputOf(shape.member.shape, item));
    case "map":
      return mapEntries(value, (item) => inputOf(shape.value.shape, item));
    case "timestamp":
      return typeof value === "number" ? new Date(value * 1000) : value;
    case "float":
    case "double":
      return Number(value);
    default:
      return value;
  }
}

/** Turns a value that was read into the form of the cases. */
export function caseValueOf(shape: Shape, value: unknown): unknown {
  if (value === null || value === undefined) return value;
  switch (shape.kind) {
    case "structure":
      return mapMembers(shape.members, value, caseValueOf);
    case "list":
      return Array.isArray(value)
        ? value.map((item) => caseValueOf(shape.member.shape, item))
        : value;
    case "map":
      return mapEntries(value, (item) => caseValueOf(shape.value.shape, item));
    default:
      return scalarOf(value);
  }
}

function scalarOf(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (value instanceof Decimal || typeof value === "bigint") return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

function mapMembers(
  members: readonly Member[],
  value: unknown,
  convert: (shape: Shape, value: unknown) => unknown,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  const shapes = new Map(members.map(({ name, shape }) => [name, shape]));
  return Object.fromEntries(
    Object.entries(value).map(([name, each]) => {
      const shape = shapes.get(name);
      return [name, shape === undefined ? each : convert(shape, each)];
    }),
  );
}

function mapEntries(value: unknown, convert: (value: unknown) => unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, convert(each)]));
}
