import type { ListShape, MapShape, Member, Shape, StructureShape } from "../model/model.ts";

/** The readers of `XmlScanner` that take one scalar. */
export type ScalarReader =
  | "text"
  | "integer"
  | "float"
  | "decimal"
  | "boolean"
  | "blob"
  | "timestamp";

/** How a value is read: what both back ends are made from. */
export type ValuePlan =
  | { readonly kind: "scalar"; readonly reader: ScalarReader }
  | StructurePlan
  | { readonly kind: "list"; readonly item: ValuePlan }
  | ({ readonly kind: "map" } & EntryPlan);

/** A structure; its members are filled in after it, since it may contain itself. */
export interface StructurePlan {
  readonly kind: "structure";
  readonly members: ElementPlan[];
  readonly attributes: AttributePlan[];
  readonly union: boolean;
}

/** A child element of a structure. */
export interface ElementPlan {
  /**
   * Member in the output; `undefined`: the response's request id, or a structure around it, which is
   * no part of the output.
   */
  readonly key: string | undefined;
  /** Local name of the element. */
  readonly element: string;
  readonly value: ValuePlan;
  /** The element is one item of a list, or one entry of a map, that has no element of its own. */
  readonly repeated: "no" | "item" | "entry";
}

/** A member that is an attribute. */
export interface AttributePlan {
  readonly key: string;
  /** Local name of the attribute. */
  readonly name: string;
}

/** A child element whose text is the response's request id. */
export function requestIdElement(element: string): ElementPlan {
  return {
    key: undefined,
    element,
    value: { kind: "scalar", reader: "text" },
    repeated: "no",
  };
}

/** The entries of a map; keys are strings. */
export interface EntryPlan {
  readonly keyElement: string;
  readonly valueElement: string;
  readonly value: ValuePlan;
}

/** Name of a member's element; the items of a flattened list have it too. */
export function elementNameOf(member: Member): string {
  if (member.wireName !== undefined) return member.wireName;
  const { shape } = member;
  // Older models (SimpleDB) flatten the list itself and name its items there; where the member is
  // flattened, the name of the items does not count.
  if (shape.kind === "list" && shape.flattened === true) {
    return shape.member.wireName ?? member.name;
  }
  return member.name;
}

/** The member's list or map has no element around its items. */
export function isFlattened({ flattened, shape }: Member): boolean {
  if (shape.kind !== "list" && shape.kind !== "map") return false;
  return flattened ?? shape.flattened ?? false;
}

/** Makes the plans of a document; each structure of the model has one plan. */
export class XmlReadPlanner {
  readonly #structures = new Map<StructureShape, StructurePlan>();

  /** A structure with only some of its members, as a document's root. */
  root(shape: StructureShape, members: readonly Member[]): StructurePlan {
    const plan: StructurePlan = { ...emptyPlan(), union: shape.union === true };
    this.#fill(plan, members);
    return plan;
  }

  /** A value that is an element of its own. */
  value(shape: Shape): ValuePlan {
    switch (shape.kind) {
      case "structure":
        return this.#structure(shape);
      case "list":
        return { kind: "list", item: this.#item(shape) };
      case "map":
        return { kind: "map", ...this.#entry(shape) };
      case "boolean":
      case "blob":
      case "timestamp":
        return { kind: "scalar", reader: shape.kind };
      case "integer":
      case "long":
      case "bigInteger":
        return { kind: "scalar", reader: "integer" };
      case "float":
      case "double":
        return { kind: "scalar", reader: "float" };
      case "bigDecimal":
        return { kind: "scalar", reader: "decimal" };
      case "string":
      case "document":
      default:
        return { kind: "scalar", reader: "text" };
    }
  }

  #structure(shape: StructureShape): StructurePlan {
    const known = this.#structures.get(shape);
    if (known !== undefined) return known;
    const plan: StructurePlan = { ...emptyPlan(), union: shape.union === true };
    this.#structures.set(shape, plan);
    this.#fill(plan, shape.members);
    return plan;
  }

  #fill(plan: StructurePlan, members: readonly Member[]): void {
    for (const member of members) {
      const name = localName(elementNameOf(member));
      if (member.xmlAttribute === true) plan.attributes.push({ key: member.name, name });
      else plan.members.push({ key: member.name, element: name, ...this.#element(member) });
    }
  }

  #element(member: Member): Pick<ElementPlan, "value" | "repeated"> {
    const { shape } = member;
    if (isFlattened(member)) {
      if (shape.kind === "list") return { value: this.#item(shape), repeated: "item" };
      if (shape.kind === "map") {
        return { value: { kind: "map", ...this.#entry(shape) }, repeated: "entry" };
      }
    }
    return { value: this.value(shape), repeated: "no" };
  }

  #item(shape: ListShape): ValuePlan {
    return this.value(shape.member.shape);
  }

  #entry(shape: MapShape): EntryPlan {
    return {
      keyElement: localName(shape.key.wireName ?? "key"),
      valueElement: localName(shape.value.wireName ?? "value"),
      value: this.value(shape.value.shape),
    };
  }
}

function emptyPlan(): StructurePlan {
  return { kind: "structure", members: [], attributes: [], union: false };
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1);
}
