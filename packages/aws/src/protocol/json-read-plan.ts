import type { Member, Shape, StructureShape } from "../model/model.ts";
import type { ScalarRules, ValueReader } from "./json-value.ts";
import type { CustomShape } from "./protocol.ts";

/**
 * What is to be done to a parsed document so that it becomes an output: one description for the
 * generated and the closure back end, for JSON and CBOR.
 */
export type ReadNode =
  | { readonly kind: "scalar"; readonly rules: ScalarRules }
  | ReadStructure
  | ReadList
  | ReadMap;

export interface ReadStructure {
  readonly kind: "structure";
  readonly fields: ReadField[];
  readonly union: boolean;
  /** Members are renamed: a new object is made. */
  rebuild: boolean;
}

export interface ReadField {
  readonly name: string;
  readonly wireName: string;
  readonly node: ReadNode;
}

export interface ReadList {
  readonly kind: "list";
  readonly sparse: boolean;
  item: ReadNode;
}

export interface ReadMap {
  readonly kind: "map";
  readonly sparse: boolean;
  value: ReadNode;
}

/** How a format reads. */
export interface ReadRules {
  scalar(member: Member): ScalarRules;
  readonly customShapes?: ReadonlyMap<string, CustomShape> | undefined;
  readonly wireNames: boolean;
}

/** Plans shapes; a shape is planned once, so recursive shapes end. */
export class ReadPlanner {
  readonly #rules: ReadRules;
  readonly #planned = new Map<Shape, ReadNode>();
  /** A scalar that reads special floats was planned. */
  special = false;

  constructor(rules: ReadRules) {
    this.#rules = rules;
  }

  /** The node of a member's value. */
  node(member: Member): ReadNode {
    const { shape } = member;
    const known = this.#planned.get(shape);
    if (known !== undefined) return known;
    if (shape.kind === "structure") {
      return this.#custom(shape) ?? this.structure(shape, shape.members);
    }
    if (shape.kind === "list") {
      const node = { kind: "list", sparse: shape.sparse === true } as ReadList;
      this.#planned.set(shape, node);
      node.item = this.node(shape.member);
      return node;
    }
    if (shape.kind === "map") {
      const node = { kind: "map", sparse: shape.sparse === true } as ReadMap;
      this.#planned.set(shape, node);
      node.value = this.node(shape.value);
      return node;
    }
    const rules = this.#rules.scalar(member);
    this.special ||= rules.special;
    return { kind: "scalar", rules };
  }

  /** The node of a structure with some of its members. */
  structure(shape: StructureShape, members: readonly Member[]): ReadStructure {
    const node: ReadStructure = {
      kind: "structure",
      fields: [],
      union: shape.union === true,
      rebuild: false,
    };
    if (members.length === shape.members.length) this.#planned.set(shape, node);
    for (const member of members) {
      const wireName = (this.#rules.wireNames ? member.wireName : undefined) ?? member.name;
      if (wireName !== member.name) node.rebuild = true;
      node.fields.push({ name: member.name, wireName, node: this.node(member) });
    }
    return node;
  }

  #custom(shape: StructureShape): ReadNode | undefined {
    const custom = this.#rules.customShapes?.get(shape.name);
    if (custom === undefined) return undefined;
    const read: ValueReader = (value) => custom.read(value);
    const node: ReadNode = { kind: "scalar", rules: { plain: read, full: read, special: false } };
    this.#planned.set(shape, node);
    return node;
  }
}

/** What a reader has to do: only conversions, or also `null` and numbers with source text. */
export type ReadMode = "plain" | "full";

/**
 * Whether a value of the node has to be looked at: structures, which lose what the model does not have,
 * and what is to be converted.
 */
export function needsVisit(node: ReadNode, mode: ReadMode, open: ReadNode[] = []): boolean {
  if (node.kind === "scalar") return node.rules[mode] !== undefined;
  if (mode === "full" || node.kind === "structure") return true;
  // A list that contains itself holds nothing else.
  if (open.includes(node)) return false;
  open.push(node);
  return needsVisit(node.kind === "list" ? node.item : node.value, mode, open);
}
