import type { Member, Shape } from "../model/model.ts";
import { Decimal } from "../protocol/decimal.ts";

/**
 * Turns a value of a case into what a caller gives, by its shape: times are seconds since the epoch
 * there, special floats are words, bytes are text.
 */
export function inputOf(shape: Shape, value: unknown): unknown {
  const { kind } = shape;
  if (value === null || value === undefined) return value;
  if (kind === "structure" || kind === "list" || kind === "map") {
    return convertItems(shape, value, inputOf);
  }
  if (kind === "timestamp") return typeof value === "number" ? new Date(value * 1000) : value;
  return kind === "float" || kind === "double" ? Number(value) : value;
}

/** Turns a value that was read into the form of the cases. */
export function caseValueOf(shape: Shape, value: unknown): unknown {
  const { kind } = shape;
  if (value === null || value === undefined) return value;
  if (kind === "structure" || kind === "list" || kind === "map") {
    return convertItems(shape, value, caseValueOf);
  }
  return scalarOf(value);
}

type Convert = (shape: Shape, value: unknown) => unknown;

function convertItems(shape: Shape, value: unknown, convert: Convert): unknown {
  if (shape.kind === "structure") return mapMembers(shape.members, value, convert);
  if (shape.kind === "map") return mapEntries(value, (item) => convert(shape.value.shape, item));
  if (shape.kind !== "list" || !Array.isArray(value)) return value;
  return value.map((item) => convert(shape.member.shape, item));
}

function scalarOf(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Uint8Array) return Buffer.from(value).toString("utf8");
  if (value instanceof Decimal || typeof value === "bigint") return Number(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

function mapMembers(members: readonly Member[], value: unknown, convert: Convert): unknown {
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
