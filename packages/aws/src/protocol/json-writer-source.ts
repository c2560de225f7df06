import { GeneratedSource } from "./generated-source.ts";
import { isPlain, quote, type TextWriter, writeOtherVariant, writeString } from "./json-text.ts";
import {
  nullsOf,
  type WriteField,
  type WriteList,
  type WriteMap,
  type WriteNode,
  type WriteStructure,
} from "./json-write-plan.ts";

type Node = WriteNode<TextWriter>;

/** Structures with more members than this are mostly sparsely filled: what is there is enumerated. */
const fieldsReadByName = 6;

/** Compiles a plan into a writer of JSON text in generated code; the rules are `compileJsonWriter`'s. */
export function generateJsonWriter(node: Node, newToken: () => string): TextWriter {
  return new WriterSource(newToken).compile(node);
}

class WriterSource {
  readonly #source = new GeneratedSource();
  readonly #functions = new Map<Node, string>();
  readonly #newToken: () => string;

  constructor(newToken: () => string) {
    this.#newToken = newToken;
  }

  compile(node: Node): TextWriter {
    return this.#source.compile(this.#nameOf(node)) as TextWriter;
  }

  #nameOf(node: Node): string {
    if (node.kind === "scalar") return this.#source.constant(node.write);
    const known = this.#functions.get(node);
    if (known !== undefined) return known;
    const name = this.#source.identifier();
    this.#functions.set(node, name);
    let body: string;
    if (node.kind === "structure") body = this.#structure(node);
    else body = node.kind === "list" ? this.#list(node) : this.#map(node);
    this.#source.add(`function ${name}(v) {\n${body}\n}`);
    return name;
  }

  #structure(node: WriteStructure<TextWriter>): string {
    const byName = node.fields.map((field, index) => {
      const token = field.token ? ` ?? ${this.#source.constant(this.#newToken)}()` : "";
      const value = `x = v[${JSON.stringify(field.name)}]${token};`;
      return `${value} if (x !== undefined && x !== null) ${this.#field(field, index === 0)}`;
    });
    const none = node.union ? `${this.#source.constant(writeOtherVariant)}(v)` : '"{}"';
    const end = `return s === "" ? ${none} : s + "}";`;
    const all = `let s = "", x;\n${byName.join("\n")}\n${end}`;
    const tokens = node.fields.some(({ token }) => token);
    if (tokens || node.fields.length <= fieldsReadByName) return all;
    // Enumerating finds no getters of classes, so it is for plain objects only.
    const cases = node.fields.map(
      (field) => `case ${JSON.stringify(field.name)}: ${this.#field(field, false)} break;`,
    );
    return `if (Object.getPrototypeOf(v) === Object.prototype) {
let s = "";
for (const k in v) {
const x = v[k];
if (x !== undefined && x !== null) switch (k) {\n${cases.join("\n")}\n}
}
${end}
}
${all}`;
  }

  /** A statement that appends a field; the key and a plain string's quotes are one piece of text. */
  #field(field: WriteField<TextWriter>, first: boolean): string {
    const key = `${quote(field.wireName)}:`;
    const start = (text: string): string => {
      const open = JSON.stringify(`{${text}`);
      return first ? open : `(s === "" ? ${open} : ${JSON.stringify(`,${text}`)})`;
    };
    const written = `${start(key)} + ${this.#nameOf(field.node)}(x)`;
    if (!isString(field.node)) return `s += ${written};`;
    const plain = `${this.#source.constant(isPlain)}(x)`;
    return `s += ${plain} ? ${start(`${key}"`)} + x + '"' : ${written};`;
  }

  #list(node: WriteList<TextWriter>): string {
    const nulls = nullsOf(node.sparse, node.item);
    const absent = nulls === "kept" ? `s += s === "" ? "[null" : ",null"` : "continue";
    const isAbsent = nulls === "written" ? "x === undefined" : "x === undefined || x === null";
    return `let s = "";
for (let i = 0; i < v.length; i++) {
const x = v[i];
if (${isAbsent}) { ${absent}; }
else s += (s === "" ? "[" : ",") + ${this.#nameOf(node.item)}(x);
}
return s === "" ? "[]" : s + "]";`;
  }

  #map(node: WriteMap<TextWriter>): string {
    const nulls = nullsOf(node.sparse, node.value);
    const absent = nulls === "dropped" ? "x === undefined || x === null" : "x === undefined";
    const write = `${this.#nameOf(node.value)}(x)`;
    const value = nulls === "kept" ? `(x === null ? "null" : ${write})` : write;
    const plain = `${this.#source.constant(isPlain)}(k)`;
    return `let s = "";
const h = Object.prototype.hasOwnProperty;
for (const k in v) {
const x = v[k];
if (${absent} || !h.call(v, k)) continue;
s += ${plain} ? (s === "" ? '{"' : ',"') + k + '":' : (s === "" ? "{" : ",") + JSON.stringify(k) + ":";
s += ${value};
}
return s === "" ? "{}" : s + "}";`;
  }
}

function isString(node: Node): boolean {
  return node.kind === "scalar" && node.write === writeString;
}
