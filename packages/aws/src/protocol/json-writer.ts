import { GeneratedSource } from "./generated-source.ts";
import { quote, type TextWriter } from "./json-text.ts";
import type { WriteList, WriteMap, WriteNode, WriteStructure } from "./json-write-plan.ts";

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
export function compileJsonWriter(node: JsonWriteNode, options: JsonWriterOptions): TextWriter {
  if (node.kind === "scalar") return node.write;
  return options.generateCode ? generateWriter(node, options) : closureWriter(node, options);
}

function generateWriter(root: JsonWriteNode, { newToken }: JsonWriterOptions): TextWriter {
  const source = new GeneratedSource();
  const functions = new Map<JsonWriteNode, string>();

  function nameOf(node: JsonWriteNode): string {
    if (node.kind === "scalar") return source.constant(node.write);
    const known = functions.get(node);
    if (known !== undefined) return known;
    const name = source.identifier();
    functions.set(node, name);
    source.add(`function ${name}(v) {\n${body(node)}\n}`);
    return name;
  }

  function body(node: Exclude<JsonWriteNode, { kind: "scalar" }>): string {
    if (node.kind === "structure") return structure(node);
    return node.kind === "list" ? list(node) : map(node);
  }

  function structure(node: WriteStructure<TextWriter>): string {
    const lines = node.fields.map((field, index) => {
      const key = `${quote(field.wireName)}:`;
      const first = JSON.stringify(`{${key}`);
      const start = index === 0 ? first : `(s === "" ? ${first} : ${JSON.stringify(`,${key}`)})`;
      const token = field.token ? ` ?? ${source.constant(newToken)}()` : "";
      const value = `(x = v[${JSON.stringify(field.name)}]${token})`;
      const text = `${start} + ${nameOf(field.node)}(x)`;
      return `if (${value} !== undefined && x !== null) s += ${text};`;
    });
    return `let s = "", x;\n${lines.join("\n")}\nreturn s === "" ? "{}" : s + "}";`;
  }

  function list(node: WriteList<TextWriter>): string {
    const empty = node.sparse ? `s += c + "null"` : "continue";
    return `let s = "[", c = "";
for (let i = 0; i < v.length; i++) {
  const x = v[i];
  if (x === undefined || x === null) ${empty};
  else s += c + ${nameOf(node.item)}(x);
  c = ",";
}
return s + "]";`;
  }

  function map(node: WriteMap<TextWriter>): string {
    const empty = node.sparse
      ? `if (x === null) s += c + q(k) + ":null"; else continue`
      : "continue";
    return `const q = ${source.constant(quote)};
let s = "{", c = "";
for (const k of Object.keys(v)) {
  const x = v[k];
  if (x === undefined || x === null) { ${empty}; }
  else s += c + q(k) + ":" + ${nameOf(node.value)}(x);
  c = ",";
}
return s + "}";`;
  }

  return source.compile(nameOf(root));
}

function closureWriter(root: JsonWriteNode, { newToken }: JsonWriterOptions): TextWriter {
  const writers = new Map<JsonWriteNode, TextWriter>();

  function writerOf(node: JsonWriteNode): TextWriter {
    if (node.kind === "scalar") return node.write;
    const known = writers.get(node);
    if (known !== undefined) return known;
    // A shape that contains itself meets this while its own writer is being made.
    let made: TextWriter | undefined;
    writers.set(node, (value) => (made as TextWriter)(value));
    if (node.kind === "structure") made = structure(node);
    else made = node.kind === "list" ? list(node) : map(node);
    writers.set(node, made);
    return made;
  }

  function structure(node: WriteStructure<TextWriter>): TextWriter {
    const fields = node.fields.map((field) => ({
      name: field.name,
      key: `${quote(field.wireName)}:`,
      token: field.token,
      write: writerOf(field.node),
    }));
    return (value) => {
      const members = value as Readonly<Record<string, unknown>>;
      let text = "";
      for (const { name, key, token, write } of fields) {
        const member = members[name] ?? (token ? newToken() : undefined);
        if (member === undefined) continue;
        text += (text === "" ? "{" : ",") + key + write(member);
      }
      return text === "" ? "{}" : `${text}}`;
    };
  }

  function list(node: WriteList<TextWriter>): TextWriter {
    const write = writerOf(node.item);
    return (value) => {
      const items = value as readonly unknown[];
      let text = "";
      for (let index = 0; index < items.length; index++) {
        const item = items[index];
        const absent = item === undefined || item === null;
        if (absent && !node.sparse) continue;
        text += (text === "" ? "" : ",") + (absent ? "null" : write(item));
      }
      return `[${text}]`;
    };
  }

  function map(node: WriteMap<TextWriter>): TextWriter {
    const write = writerOf(node.value);
    return (value) => {
      const entries = value as Readonly<Record<string, unknown>>;
      let text = "";
      for (const key of Object.keys(entries)) {
        const entry = entries[key];
        if (entry === undefined || (entry === null && !node.sparse)) continue;
        text += `${(text === "" ? "" : ",") + quote(key)}:${entry === null ? "null" : write(entry)}`;
      }
      return `{${text}}`;
    };
  }

  return writerOf(root);
}
