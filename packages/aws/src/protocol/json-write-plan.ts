import type { Member, Shape, StructureShape } from "../model/model.ts";
import type { CustomShape } from "./protocol.ts";

/**
 * What is to be written for a shape: one description that the generated and the closure back end
 * (and CBOR's encoder) follow. `Scalar` is the format's writer of one value.
 */
export type WriteNode<Scalar> =
  | WriteScalar<Scalar>
  | WriteStructure<Scalar>
  | WriteList<Scalar>
  | WriteMap<Scalar>;

export interface WriteScalar<Scalar> {
  readonly kind: "scalar";
  readonly write: Scalar;
  /** By a custom shape's rules, for which `null` in a list or map is a value too. */
  readonly custom?: true;
}

/** A structure; its fields are those that go into the document. */
export interface WriteStructure<Scalar> {
  readonly kind: "structure";
  readonly fields: WriteField<Scalar>[];
  readonly union: boolean;
}

export interface WriteField<Scalar> {
  readonly name: string;
  readonly wireName: string;
  /** Filled with a new token when absent. */
  readonly token: boolean;
  readonly node: WriteNode<Scalar>;
}

export interface WriteList<Scalar> {
  readonly kind: "list";
  readonly sparse: boolean;
  item: WriteNode<Scalar>;
}

export interface WriteMap<Scalar> {
  readonly kind: "map";
  readonly sparse: boolean;
  value: WriteNode<Scalar>;
}

/** What becomes of a `null` in a list or map: it is left out, kept, or a value for the writer. */
export function nullsOf<Scalar>(
  sparse: boolean,
  child: WriteNode<Scalar>,
): "dropped" | "kept" | "written" {
  if (child.kind === "scalar" && child.custom === true) return "written";
  return sparse ? "kept" : "dropped";
}

/** How a format writes. */
export interface WriteRules<Scalar> {
  scalar(member: Member): Scalar;
  /** `undefined`: the format has no custom shapes. */
  custom?: ((shape: CustomShape) => Scalar) | undefined;
  readonly customShapes?: ReadonlyMap<string, CustomShape> | undefined;
  /** Wire names (C2J `locationName`, Smithy `jsonName`) replace members' names. */
  readonly wireNames: boolean;
}

/** Plans shapes; a shape is planned once, so recursive shapes end. */
export class WritePlanner<Scalar> {
  readonly #rules: WriteRules<Scalar>;
  readonly #planned = new Map<Shape, WriteNode<Scalar>>();

  constructor(rules: WriteRules<Scalar>) {
    this.#rules = rules;
  }

  /** The node of a member's value. */
  node(member: Member): WriteNode<Scalar> {
    const { shape } = member;
    const known = this.#planned.get(shape);
    if (known !== undefined) return known;
    if (shape.kind === "structure") {
      return this.#custom(shape) ?? this.structure(shape, shape.members);
    }
    if (shape.kind === "list") {
      const node = { kind: "list", sparse: shape.sparse === true } as WriteList<Scalar>;
      this.#planned.set(shape, node);
      node.item = this.node(shape.member);
      return node;
    }
    if (shape.kind === "map") {
      const node = { kind: "map", sparse: shape.sparse === true } as WriteMap<Scalar>;
      this.#planned.set(shape, node);
      node.value = this.node(shape.value);
      return node;
    }
    // Scalars depend on the member's traits, so they are not shared by shape.
    return { kind: "scalar", write: this.#rules.scalar(member) };
  }

  /** The node of a structure with some of its members. */
  structure(shape: StructureShape, members: readonly Member[]): WriteStructure<Scalar> {
    const node: WriteStructure<Scalar> = {
      kind: "structure",
      fields: [],
      union: shape.union === true,
    };
    if (members === shape.members) this.#planned.set(shape, node);
    for (const member of members) {
      node.fields.push({
        name: member.name,
        wireName: (this.#rules.wireNames ? member.wireName : undefined) ?? member.name,
        token: member.idempotencyToken === true,
        node: this.node(member),
      });
    }
    return node;
  }

  #custom(shape: StructureShape): WriteNode<Scalar> | undefined {
    const custom = this.#rules.customShapes?.get(shape.name);
    if (custom === undefined || this.#rules.custom === undefined) return undefined;
    const node: WriteNode<Scalar> = {
      kind: "scalar",
      write: this.#rules.custom(custom),
      custom: true,
    };
    this.#planned.set(shape, node);
    return node;
  }
}
