import {
  type CompactList,
  type CompactMap,
  type CompactRef,
  type CompactShape,
  type CompactStructure,
  type MemberTraits,
  scalarKinds,
  type StructureTraits,
  timestampFormats,
} from "./compact-form.ts";
import type { ModelSource } from "./model-source.ts";
import type { ListShape, MapShape, Member, ScalarShape, Shape, StructureShape } from "./model.ts";

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

const scalars: readonly ScalarShape[] = scalarKinds.map((kind) => ({ kind }));

/** Builds shapes by name, each once: a shape that refers to itself is one object. */
export class ShapeReader {
  readonly #source: Pick<ModelSource, "shape">;
  readonly #shapes = new Map<string, Shape>();

  constructor(source: Pick<ModelSource, "shape">) {
    this.#source = source;
  }

  /**
   * The shape of an input, an output or an error.
   * @throws TypeError when the model has no structure of that name.
   */
  structure(name: string): StructureShape {
    const shape = this.#shape(name);
    if (shape.kind === "structure") return shape;
    throw new TypeError(`Cannot read shape "${name}" as a structure: it is a ${shape.kind}`);
  }

  #shape(ref: CompactRef): Shape {
    if (typeof ref === "number") {
      const scalar = scalars[ref];
      if (scalar === undefined) throw new TypeError(`Cannot read scalar ${ref}: there is none`);
      return scalar;
    }
    return this.#shapes.get(ref) ?? this.#build(ref);
  }

  #build(name: string): Shape {
    const compact = this.#source.shape(name);
    if (compact === undefined) {
      throw new TypeError(`Cannot read shape "${name}": the model has none of that name`);
    }
    if (isStructure(compact)) return this.#buildStructure(name, compact);
    return "l" in compact ? this.#buildList(name, compact) : this.#buildMap(name, compact);
  }

  #buildStructure(name: string, parts: CompactStructure): StructureShape {
    const members: Member[] = [];
    const [first] = parts;
    const traits = typeof first === "object" ? (first as StructureTraits) : undefined;
    const shape: StructureShape = { kind: "structure", name, members, ...traits };
    this.#shapes.set(name, shape);
    for (let index = traits === undefined ? 0 : 1; index < parts.length;) {
      const label = parts[index] as string;
      const ref = parts[index + 1] as CompactRef;
      const next = parts[index + 2];
      const hasTraits = typeof next === "object";
      members.push(this.#member(label, ref, hasTraits ? (next as MemberTraits) : undefined));
      index += hasTraits ? 3 : 2;
    }
    return shape;
  }

  #buildList(name: string, { l, f, sparse }: CompactList): ListShape {
    const shape = { kind: "list", name } as Writable<ListShape>;
    this.#shapes.set(name, shape);
    if (f !== undefined) shape.flattened = true;
    if (sparse !== undefined) shape.sparse = true;
    shape.member = this.#member("", ...l);
    return shape;
  }

  #buildMap(name: string, { k, v, f, sparse }: CompactMap): MapShape {
    const shape = { kind: "map", name } as Writable<MapShape>;
    this.#shapes.set(name, shape);
    if (f !== undefined) shape.flattened = true;
    if (sparse !== undefined) shape.sparse = true;
    shape.key = this.#member("", ...k);
    shape.value = this.#member("", ...v);
    return shape;
  }

  #member(label: string, ref: CompactRef, traits?: MemberTraits): Member {
    const required = label.startsWith("*");
    const name = required ? label.slice(1) : label;
    const member: Writable<Member> = { name, shape: this.#shape(ref) };
    if (required) member.required = true;
    if (traits !== undefined) readTraits(member, traits);
    return member;
  }
}

function isStructure(shape: CompactShape): shape is CompactStructure {
  return Array.isArray(shape);
}

function readTraits(member: Writable<Member>, traits: MemberTraits): void {
  readLocation(member, traits);
  if (traits.Q !== undefined) member.queryName = traits.Q;
  if (traits.t !== undefined) member.timestampFormat = timestampFormats[traits.t];
  if (traits.f !== undefined) member.flattened = true;
  if (traits.a !== undefined) member.xmlAttribute = true;
  if (traits.x !== undefined) member.xmlNamespace = traits.x;
  if (traits.streaming !== undefined) member.streaming = true;
  if (traits.requiresLength !== undefined) member.requiresLength = true;
  if (traits.i !== undefined) member.idempotencyToken = true;
  if (traits.hostLabel !== undefined) member.hostLabel = true;
  if (traits.json !== undefined) member.jsonValue = true;
  if (traits.eventPayload !== undefined) member.eventPayload = true;
  if (traits.eventHeader !== undefined) member.eventHeader = true;
  if (traits.z !== undefined) member.sensitive = true;
  if (traits.p !== undefined) member.contextParam = traits.p === 1 ? member.name : traits.p;
  if (traits.mediaType !== undefined) member.mediaType = traits.mediaType;
}

function readLocation(member: Writable<Member>, { h, H, q, u, s, n }: MemberTraits): void {
  if (h !== undefined) member.location = "header";
  else if (H !== undefined) member.location = "headers";
  else if (q !== undefined) member.location = "querystring";
  else if (u !== undefined) member.location = "uri";
  else if (s !== undefined) member.location = "statusCode";
  const wireName = h ?? H ?? q ?? u ?? n;
  if (wireName !== undefined) member.wireName = wireName === 1 ? member.name : wireName;
}
