import type { ListShape, MapShape, Member, StructureShape } from "../model/model.ts";
import type { Input } from "./protocol.ts";
import { refuseUnknownVariant } from "./unknown-variant.ts";
import { elementNameOf, isFlattened } from "./xml-read-plan.ts";
import { xmlScalarWriter } from "./xml-scalar.ts";

/** Where query and ec2 differ. */
export interface QueryDialect {
  /** Name of a member's parameter. */
  nameOf(member: Member): string;
  /** All lists and maps are written without the level of their items' name. */
  readonly flattenAll: boolean;
  /** Whether an empty list is written, as `Name=`. */
  readonly emptyLists: boolean;
}

/** The dialect of awsQuery. */
export const queryDialect: QueryDialect = {
  nameOf: elementNameOf,
  flattenAll: false,
  emptyLists: true,
};

/** The dialect of ec2Query. */
export const ec2Dialect: QueryDialect = {
  nameOf: ({ queryName, wireName, name }) => queryName ?? capitalized(wireName ?? name),
  flattenAll: true,
  emptyLists: false,
};

/** Writes a value's pairs, each with an `&` before it; `name` is encoded. */
type WritePairs = (value: unknown, name: string) => string;

interface MemberWriter {
  readonly member: string;
  readonly name: string;
  readonly write: WritePairs;
  readonly token: boolean;
}

/**
 * Compiles the writer of an input's pairs for a form body: `&Name=value&…`, empty for no members.
 * Idempotency tokens that the input does not have are made.
 */
export function compileQueryWriter(
  shape: StructureShape,
  dialect: QueryDialect,
  newToken: () => string,
): (input: Input) => string {
  const members = new QueryCompiler(dialect).members(shape);
  return (input) => {
    let pairs = "";
    for (const { member, name, write, token } of members) {
      let value = input[member];
      if (value === undefined || value === null) {
        if (!token) continue;
        value = newToken();
      }
      pairs += write(value, name);
    }
    return pairs;
  };
}

class QueryCompiler {
  readonly #dialect: QueryDialect;
  readonly #structures = new Map<StructureShape, WritePairs>();

  constructor(dialect: QueryDialect) {
    this.#dialect = dialect;
  }

  members(shape: StructureShape): readonly MemberWriter[] {
    return shape.members.map((member) => ({
      member: member.name,
      name: encodeForm(this.#dialect.nameOf(member)),
      write: this.#value(member),
      token: member.idempotencyToken === true,
    }));
  }

  #value(member: Member): WritePairs {
    const { shape } = member;
    if (shape.kind === "structure") return this.#structure(shape);
    const flattened = this.#dialect.flattenAll || isFlattened(member);
    if (shape.kind === "list") return this.#list(shape, flattened);
    if (shape.kind === "map") return this.#map(shape, flattened);
    const text = xmlScalarWriter(member);
    return (value, name) => `&${name}=${encodeForm(text(value))}`;
  }

  #structure(shape: StructureShape): WritePairs {
    const known = this.#structures.get(shape);
    if (known !== undefined) return known;
    // Bound late: a structure may contain itself.
    let members: readonly MemberWriter[] = [];
    const writer: WritePairs = (structure, prefix) => {
      if (shape.union === true) refuseUnknownVariant(structure);
      let pairs = "";
      for (const { member, name, write } of members) {
        const value = (structure as Input)[member];
        if (value === undefined || value === null) continue;
        pairs += write(value, `${prefix}.${name}`);
      }
      return pairs;
    };
    this.#structures.set(shape, writer);
    members = this.members(shape);
    return writer;
  }

  #list({ member }: ListShape, flattened: boolean): WritePairs {
    const write = this.#value(member);
    const item = flattened ? "." : `.${encodeForm(member.wireName ?? "member")}.`;
    const { emptyLists } = this.#dialect;
    return (list, name) => {
      let pairs = "";
      let index = 0;
      for (const value of list as Iterable<unknown>) {
        if (value === undefined || value === null) continue;
        pairs += write(value, name + item + ++index);
      }
      return index === 0 && emptyLists ? `&${name}=` : pairs;
    };
  }

  #map({ key, value }: MapShape, flattened: boolean): WritePairs {
    const writeKey = this.#value(key);
    const writeValue = this.#value(value);
    const entry = flattened ? "." : ".entry.";
    const keyName = `.${encodeForm(key.wireName ?? "key")}`;
    const valueName = `.${encodeForm(value.wireName ?? "value")}`;
    return (map, name) => {
      const entries = map as Input;
      let pairs = "";
      let index = 0;
      for (const text of Object.keys(entries)) {
        const found = entries[text];
        if (found === undefined || found === null) continue;
        const prefix = name + entry + ++index;
        pairs += writeKey(text, prefix + keyName) + writeValue(found, prefix + valueName);
      }
      return pairs;
    };
  }
}

const RESERVED = /[^A-Za-z0-9._~-]/;

/** A name or value of a form body: all but RFC 3986's unreserved characters are encoded. */
export function encodeForm(text: string): string {
  if (!RESERVED.test(text)) return text;
  return encodeURIComponent(text.toWellFormed()).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function capitalized(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
