import { generateReader } from "./json-reader-source.ts";
import {
  needsVisit,
  type ReadField,
  type ReadList,
  type ReadMap,
  type ReadMode,
  type ReadNode,
  type ReadStructure,
} from "./json-read-plan.ts";
import type { ValueReader } from "./json-value.ts";

/**
 * Compiles a plan into a function that turns a parsed document into the output, in place where it
 * can; `undefined` when documents are right as they are. Values of another kind than the model's are
 * left alone, except scalars that cannot be converted: those throw.
 */
export function compileReader(
  node: ReadNode,
  mode: ReadMode,
  generateCode: boolean,
): ValueReader | undefined {
  if (node.kind === "scalar") return node.rules[mode];
  if (!needsVisit(node, mode)) return undefined;
  return generateCode ? generateReader(node, mode) : new ClosureReader(mode).readerOf(node);
}

type Fields = Record<string, unknown>;
type Reader<Value> = (value: Value) => unknown;

class ClosureReader {
  readonly #mode: ReadMode;
  readonly #full: boolean;
  readonly #readers = new Map<ReadNode, ValueReader | undefined>();

  constructor(mode: ReadMode) {
    this.#mode = mode;
    this.#full = mode === "full";
  }

  readerOf(node: ReadNode): ValueReader | undefined {
    if (node.kind === "scalar") return node.rules[this.#mode];
    if (this.#readers.has(node)) return this.#readers.get(node);
    if (!needsVisit(node, this.#mode)) return undefined;
    // A shape that contains itself meets this while its own reader is being made.
    const self: { read?: ValueReader } = {};
    this.#readers.set(node, (value) => (self.read as ValueReader)(value));
    self.read = this.#container(node);
    this.#readers.set(node, self.read);
    return self.read;
  }

  #container(node: ReadStructure | ReadList | ReadMap): ValueReader {
    if (node.kind === "list") {
      const read = this.#list(node);
      return (value) => (Array.isArray(value) ? read(value) : value);
    }
    let read: Reader<Fields>;
    if (node.kind === "map") read = this.#map(node);
    else read = node.union ? this.#union(node) : this.#structure(node);
    return (value) => (isFields(value) ? read(value) : value);
  }

  #structure({ fields, rebuild }: ReadStructure): Reader<Fields> {
    if (rebuild) return this.#copy(fields);
    const full = this.#full;
    const known = this.#byWireName(fields);
    return (value) => {
      for (const key of Object.keys(value)) {
        const member = value[key];
        const field = known.get(key);
        if (field === undefined || (full && member === null)) delete value[key];
        else if (field.read !== undefined) value[key] = field.read(member);
      }
      return value;
    };
  }

  /** A structure whose members are renamed. */
  #copy(fields: readonly ReadField[]): Reader<Fields> {
    const full = this.#full;
    const known = [...this.#byWireName(fields)];
    return (value) => {
      const copy: Fields = {};
      for (const [wireName, { name, read }] of known) {
        const member = value[wireName];
        if (member === undefined || (full && member === null)) continue;
        copy[name] = read === undefined ? member : read(member);
      }
      return copy;
    };
  }

  #union(node: ReadStructure): Reader<Fields> {
    const full = this.#full;
    const known = this.#byWireName(node.fields);
    const read = this.#structure(node);
    return (value) => {
      let unknown: string | undefined;
      for (const key of Object.keys(value)) {
        if (full && value[key] === null) continue;
        if (known.has(key)) return read(value);
        if (key !== "__type") unknown = key;
      }
      return unknown === undefined ? {} : { $unknown: [unknown, value[unknown]] };
    };
  }

  #byWireName(
    fields: readonly ReadField[],
  ): ReadonlyMap<string, { readonly name: string; readonly read: ValueReader | undefined }> {
    return new Map(
      fields.map(({ name, wireName, node }) => [wireName, { name, read: this.readerOf(node) }]),
    );
  }

  #list({ item: node, sparse }: ReadList): Reader<unknown[]> {
    const full = this.#full;
    const read = this.readerOf(node);
    return (value) => {
      let length = 0;
      for (const item of value) {
        if (full && item === null && !sparse) continue;
        value[length++] = item === null || read === undefined ? item : read(item);
      }
      value.length = length;
      return value;
    };
  }

  #map({ value: node, sparse }: ReadMap): Reader<Fields> {
    const full = this.#full;
    const read = this.readerOf(node);
    return (value) => {
      for (const key of Object.keys(value)) {
        const entry = value[key];
        if (full && entry === null) {
          if (!sparse) delete value[key];
          // The key is the object's own, so that this sets no prototype even for `__proto__`.
        } else if (read !== undefined) value[key] = read(entry);
      }
      return value;
    };
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
