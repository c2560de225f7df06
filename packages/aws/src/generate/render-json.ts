import type { CompactModel } from "../model/compact-form.ts";

/** The text of a model's file: one shape or operation per line, for those who read its changes. */
export function renderModel(model: CompactModel): string {
  const { metadata, operations, errors, shapes, paginators, waiters, endpointRules } = model;
  return renderParts({
    metadata: JSON.stringify(metadata),
    operations: renderLines(operations),
    errors: JSON.stringify(errors),
    shapes: renderLines(shapes),
    paginators: renderLines(paginators),
    waiters: renderLines(waiters),
    endpointRules: renderRules(endpointRules),
  });
}

/** An object with each member on its line. */
export function renderLines(record: Readonly<Record<string, unknown>>): string {
  const lines = Object.entries(record).map(
    ([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`,
  );
  return lines.length === 0 ? "{}" : `{\n${lines.join(",\n")}\n}`;
}

/** An object of members that are JSON already. */
export function renderParts(parts: Readonly<Record<string, string>>): string {
  const lines = Object.entries(parts).map(([name, json]) => `${JSON.stringify(name)}:${json}`);
  return `{\n${lines.join(",\n")}\n}\n`;
}

/** A list with each item on its line. */
export function renderItems(items: readonly unknown[]): string {
  return `[\n${items.map((item) => JSON.stringify(item)).join(",\n")}\n]`;
}

function renderRules(rules: unknown): string {
  if (typeof rules !== "object" || rules === null) return "null";
  const parts = Object.entries(rules).map(([name, value]) => {
    const json = name === "rules" && Array.isArray(value) ? renderItems(value) : undefined;
    return `${JSON.stringify(name)}:${json ?? JSON.stringify(value)}`;
  });
  return `{${parts.join(",")}}`;
}
