import type { CompactModel, CompactShape } from "../model/compact-form.ts";

/** How many names a list of the report has at most. */
const namesMax = 20;

export type ModelTable = ReadonlyMap<string, CompactModel>;

/** What a new generation changes: lines for people, empty when nothing changed. */
export function modelChanges(before: ModelTable, after: ModelTable): readonly string[] {
  const both = [...after].flatMap(([name, model]) => {
    const old = before.get(name);
    return old === undefined ? [] : [{ name, old, model }];
  });
  const operations = both.map(({ name, old, model }) =>
    difference(qualified(name, old.operations), qualified(name, model.operations)),
  );
  const members = both.map(({ name, old, model }) =>
    difference(memberTexts(name, old), memberTexts(name, model)),
  );
  return [
    ...list("services added", keysMissing(after, before)),
    ...list("services removed", keysMissing(before, after)),
    ...report("operations", operations),
    ...report("members", members),
  ];
}

interface Difference {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

function difference(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): Difference {
  const shared = [...after].filter(([name]) => before.has(name));
  return {
    added: keysMissing(after, before),
    removed: keysMissing(before, after),
    changed: shared.filter(([name, text]) => before.get(name) !== text).map(([name]) => name),
  };
}

function report(what: string, differences: readonly Difference[]): readonly string[] {
  return (["added", "removed", "changed"] as const).flatMap((kind) =>
    list(
      `${what} ${kind}`,
      differences.flatMap((found) => found[kind]),
    ),
  );
}

function list(title: string, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const more = names.length > namesMax ? `, … and ${names.length - namesMax} more` : "";
  return [`${title}: ${names.length}: ${names.slice(0, namesMax).join(", ")}${more}`];
}

function keysMissing(
  from: ReadonlyMap<string, unknown>,
  where: ReadonlyMap<string, unknown>,
): readonly string[] {
  return [...from.keys()].filter((name) => !where.has(name));
}

/** An operation's errors are left out: their indexes move when a service gets a new error. */
function qualified(
  service: string,
  operations: CompactModel["operations"],
): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(operations).map(([name, operation]) => [
      `${service}.${name}`,
      JSON.stringify({ ...operation, e: undefined }),
    ]),
  );
}

function memberTexts(service: string, { shapes }: CompactModel): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [name, shape] of Object.entries(shapes)) {
    for (const [member, text] of shapeTexts(shape)) {
      texts.set(`${service}.${name}${member}`, text);
    }
  }
  return texts;
}

function shapeTexts(shape: CompactShape): readonly (readonly [string, string])[] {
  if (!Array.isArray(shape)) return [["", JSON.stringify(shape)]];
  const texts: [string, string][] = [];
  let start = typeof shape[0] === "object" ? 1 : 0;
  if (start === 1) texts.push(["", JSON.stringify(shape[0])]);
  while (start < shape.length) {
    const end = start + (typeof shape[start + 2] === "object" ? 3 : 2);
    const label = String(shape[start]);
    texts.push([`.${label.replace("*", "")}`, JSON.stringify(shape.slice(start, end))]);
    start = end;
  }
  return texts;
}
