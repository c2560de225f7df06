import { quote, type TextWriter, writeOtherVariant } from "./json-text.ts";
import { generateJsonWriter } from "./json-writer-source.ts";
import {
  nullsOf,
  type WriteList,
  type WriteMap,
  type WriteNode,
  type WriteStructure,
} from "./json-write-plan.ts";

/** A plan for JSON text. */
export type JsonWriteNode = WriteNode<TextWriter>;

/** How a plan becomes a function. */
export interface JsonWriterOptions {
  readonly generateCode: boolean;
  readonly newToken: () => string;
}

/**
 * Compiles a plan into a writer of JSON text. Members that are `undefined` or `null` are left out;
 * `null` items and entries too, unless the list or map is sparse.
 */
export function compileJsonWriter(
  node: JsonWriteNode,
  { generateCode, newToken }: JsonWriterOptions,
): TextWriter {
  if (node.kind === "scalar") return node.write;
  return generateCode
    ? generateJsonWriter(node, newToken)
    : new ClosureWriter(newToken).writerOf(node);
}

class ClosureWriter {
  readonly #newToken: () => string;
  readonly #writers = new Map<JsonWriteNode, TextWriter>();

  constructor(newToken: () => string) {
    this.#newToken = newToken;
  }

  writerOf(node: JsonWriteNode): TextWriter {
    if (node.kind === "scalar") return node.write;
    const known = this.#writers.get(node);
    if (known !== undefined) return known;
    // A shape that contains itself meets this while its own writer is being made.
    const self: { write?: TextWriter } = {};
    this.#writers.set(node, (value) => (self.write as TextWriter)(value));
    if (node.kind === "structure") self.write = this.#structure(node);
    else self.write = node.kind === "list" ? this.#list(node) : this.#map(node);
    this.#writers.set(node, self.write);
    return self.write;
  }

  #structure(node: WriteStructure<TextWriter>): TextWriter {
    const newToken = this.#newToken;
    const { union } = node;
    const fields = node.fields.map((field) => ({
      name: field.name,
      key: `${quote(field.wireName)}:`,
      token: field.token,
      write: this.writerOf(field.node),
    }));
    return (value) => {
      const members = value as Readonly<Record<string, unknown>>;
      let text = "";
      for (const { name, key, token, write } of fields) {
        const member = members[name] ?? (token ? newToken() : undefined);
        if (member === undefined) continue;
        text += (text === "" ? "{" : ",") + key + write(member);
      }
      if (text !== "") return `${text}}`;
      return union ? writeOtherVariant(value) : "{}";
    };
  }

  #list(node: WriteList<TextWriter>): TextWriter {
    const write = this.writerOf(node.item);
    const nulls = nullsOf(node.sparse, node.item);
    return (value) => {
      let text = "";
      for (const item of value as readonly unknown[]) {
        const absent = item === undefined || (item === null && nulls !== "written");
        if (absent && nulls !== "kept") continue;
        text += (text === "" ? "" : ",") + (absent ? "null" : write(item));
      }
      return `[${text}]`;
    };
  }

  #map(node: WriteMap<TextWriter>): TextWriter {
    const write = this.writerOf(node.value);
    const nulls = nullsOf(node.sparse, node.value);
    return (value) => {
      const entries = value as Readonly<Record<string, unknown>>;
      let text = "";
      for (const key of Object.keys(entries)) {
        const entry = entries[key];
        if (entry === undefined || (entry === null && nulls === "dropped")) continue;
        text += `${(text === "" ? "{" : ",") + quote(key)}:`;
        text += entry === null && nulls === "kept" ? "null" : write(entry);
      }
      return text === "" ? "{}" : `${text}}`;
    };
  }
}
