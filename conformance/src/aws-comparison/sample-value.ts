import type { Random } from "./random.ts";
import type { Member, ScalarShape, Shape, StructureShape } from "./service-shapes.ts";

/** How much of a shape a sample has. */
export type Fullness = "required" | "all" | "some";

/** What samples are made with. */
export interface SampleOptions {
  readonly random: Random;
  readonly fullness: Fullness;
  /** Inputs have rules that outputs have not, and the other way round. */
  readonly direction: "input" | "output";
  /** Values of members by name, for those that have rules that no model tells. `undefined`: left out. */
  readonly fixed: ReadonlyMap<string, unknown>;
}

const depthMax = 6;
const texts = [
  "plain",
  "",
  " spaces around ",
  'quotes " and \\ backslash',
  "<tag attribute='1'>&amp;</tag>",
  "naïve ümlaut ☃ 💡",
  "tab\tand\nline\r\nends \u0085 \u2028",
  "a+b=c&d%20e/f?g#h~i*j'k(l)!",
] as const;
const asciiTexts = ["plain", "two words", "semi;colon", "a/b+c=d"] as const;
const labelTexts = ["plain", "with space", "slash/es", "ümlaut", "a+b&c=d~e!*'()"] as const;
const keyTexts = [
  "plain",
  "with space/ü 💡+&=?#%41",
  "a//b/./c/../d",
  "/leading/and/trailing/",
  "~-_.!*'();:@,[]{}|^`\"<>\\$",
] as const;
const integers = [0, 1, -1, 42, 2_147_483_647, -2_147_483_648] as const;
const longs = [0, 7, 1_234_567_890_123, -9_007_199_254_740_991] as const;
const floats = [0, 1.5, -0.25, 100, 1e-7, NaN, Infinity, -Infinity] as const;
const times = [1_700_000_000_000, 1_700_000_000_123, 951_782_400_000, 0] as const;

/** A sample of a structure, `undefined` when it is too deep to have one. */
export function sampleStructure(
  shape: StructureShape,
  options: SampleOptions,
  depth = 0,
): Record<string, unknown> | undefined {
  if (depth > depthMax) return undefined;
  if (shape.union === true) return sampleUnion(shape, options, depth);
  const sample: Record<string, unknown> = {};
  for (const member of shape.members) {
    const value = sampleMember(member, options, depth, shape);
    if (value !== undefined) sample[member.name] = value;
    else if (isNeeded(member)) return undefined;
  }
  return sample;
}

function sampleUnion(
  shape: StructureShape,
  options: SampleOptions,
  depth: number,
): Record<string, unknown> | undefined {
  const start = options.random.below(shape.members.length);
  const order = [...shape.members.slice(start), ...shape.members.slice(0, start)];
  for (const member of order) {
    const value = sampleValue(member, options, depth + 1);
    if (value !== undefined) return { [member.name]: value };
  }
  return undefined;
}

function isNeeded({ required = false, location }: Member): boolean {
  return required || location === "uri";
}

function sampleMember(
  member: Member,
  options: SampleOptions,
  depth: number,
  { payload }: StructureShape,
): unknown {
  const { fixed, fullness, random } = options;
  if (fixed.has(member.name)) {
    const value = fixed.get(member.name);
    // Deeper members may have the same name and mean something else.
    if (value === undefined || depth === 0) return value;
  }
  const isChosen =
    isNeeded(member) ||
    member.name === payload ||
    member.idempotencyToken === true ||
    fullness === "all" ||
    (fullness === "some" && random.below(2) === 0);
  return isChosen ? sampleValue(member, options, depth + 1) : undefined;
}

function sampleValue(member: Member, options: SampleOptions, depth: number): unknown {
  const { shape } = member;
  switch (shape.kind) {
    case "structure":
      if (shape.eventStream === true) return undefined;
      return sampleStructure(shape, options, depth);
    case "list":
      return sampleList(shape.member, member, options, depth);
    case "map":
      return sampleMap(shape, member, options, depth);
    case "string":
    case "boolean":
    case "integer":
    case "long":
    case "float":
    case "double":
    case "bigInteger":
    case "bigDecimal":
    case "timestamp":
    case "blob":
    case "document":
      return sampleScalar(shape, member, options);
  }
  return undefined;
}

function sampleList(
  item: Member,
  member: Member,
  options: SampleOptions,
  depth: number,
): unknown[] | undefined {
  if (depth > depthMax) return undefined;
  // An empty list has no form in the query string and in headers.
  const least = member.location === undefined ? 0 : 1;
  const length = options.fullness === "all" ? 2 : least + options.random.below(3);
  const place = { ...item, location: member.location };
  const items = Array.from({ length }, () => sampleValue(place, options, depth + 1));
  return items.filter((value) => value !== undefined);
}

function sampleMap(
  { value }: Extract<Shape, { kind: "map" }>,
  member: Member,
  options: SampleOptions,
  depth: number,
): Record<string, unknown> | undefined {
  if (depth > depthMax) return undefined;
  const keys = member.location === undefined ? ["one", "two & <three>"] : ["one", "two"];
  const place = { ...value, location: member.location };
  const entries = keys.flatMap((name) => {
    const sample = sampleValue(place, options, depth + 1);
    return sample === undefined ? [] : [[name, sample] as const];
  });
  return Object.fromEntries(entries);
}

function sampleScalar(
  { kind }: ScalarShape,
  member: Member,
  { random, direction }: SampleOptions,
): unknown {
  switch (kind) {
    case "boolean":
      return random.below(2) === 0;
    case "integer":
      return random.pick(integers);
    case "long":
      return random.pick(longs);
    case "float":
    case "double":
      return random.pick(floats);
    case "bigInteger":
    case "bigDecimal":
      return 12_345;
    case "timestamp":
      return new Date(random.pick(times));
    case "blob":
      return Buffer.from([0, 1, 250, 255, ...Buffer.from("bytes")].slice(random.below(3)));
    case "document":
      return { text: random.pick(texts), list: [1, true, null, { deep: 1.5 }] };
    case "string":
      return sampleText(member, random, direction);
  }
  return undefined;
}

function sampleText(
  { name, location, contextParam, idempotencyToken, hostLabel, xmlAttribute, jsonValue }: Member,
  random: Random,
  direction: "input" | "output",
): unknown {
  if (idempotencyToken === true) return "11111111-2222-4333-8444-555555555555";
  if (jsonValue === true) return JSON.stringify({ key: "value" });
  if (location === "uri" && name === "Key") return random.pick(keyTexts);
  if (direction === "input" && (contextParam !== undefined || hostLabel === true)) return "plain";
  if (location === "uri") return random.pick(labelTexts);
  if (location === "header" || location === "headers") return random.pick(asciiTexts);
  return xmlAttribute === true ? random.pick(asciiTexts) : random.pick(texts);
}
