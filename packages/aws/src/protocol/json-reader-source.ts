import { GeneratedSource } from "./generated-source.ts";
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

/** Compiles a plan into a reader in generated code; the rules are `compileReader`'s. */
export function generateReader(node: ReadNode, mode: ReadMode): ValueReader {
  return new ReaderSource(mode).compile(node);
}

class ReaderSource {
  readonly #source = new GeneratedSource();
  readonly #mode: ReadMode;
  readonly #full: boolean;
  /** `undefined`: there is nothing to do. */
  readonly #functions = new Map<ReadNode, string | undefined>();

  constructor(mode: ReadMode) {
    this.#mode = mode;
    this.#full = mode === "full";
  }

  compile(node: ReadNode): ValueReader {
    return this.#source.compile(this.#nameOf(node) as string) as ValueReader;
  }

  #nameOf(node: ReadNode): string | undefined {
    if (this.#functions.has(node)) return this.#functions.get(node);
    const name = this.#needed(node);
    this.#functions.set(node, name);
    if (name !== undefined && node.kind !== "scalar") {
      this.#source.add(`function ${name}(v) {\n${this.#body(node)}\n}`);
    }
    return name;
  }

  #needed(node: ReadNode): string | undefined {
    if (!needsVisit(node, this.#mode)) return undefined;
    return node.kind === "scalar"
      ? this.#source.constant(node.rules[this.#mode])
      : this.#source.identifier();
  }

  /** An expression that reads `x`. */
  #read(node: ReadNode): string {
    const name = this.#nameOf(node);
    return name === undefined ? "x" : `${name}(x)`;
  }

  #body(node: ReadStructure | ReadList | ReadMap): string {
    if (node.kind === "list") return `if (!Array.isArray(v)) return v;\n${this.#list(node)}`;
    const other = `if (typeof v !== "object" || v === null || Array.isArray(v)) return v;\n`;
    if (node.kind === "map") return other + this.#map(node);
    return other + (node.union ? this.#union(node) : this.#structure(node));
  }

  #structure({ fields, rebuild }: ReadStructure): string {
    if (rebuild) {
      const lines = fields.map((field) => this.#copied(field));
      return `let x; const o = {};\n${lines.join("\n")}\nreturn o;`;
    }
    const cases = fields.map(({ wireName, node }) => {
      const read = this.#read(node);
      return `case ${JSON.stringify(wireName)}: ${read === "x" ? "" : `v[k] = ${read}; `}break;`;
    });
    return `for (const k in v) {
const x = v[k];
${this.#full ? "if (x === null) { delete v[k]; continue; }" : ""}
switch (k) {
${cases.join("\n")}
default: delete v[k];
}
}
return v;`;
  }

  #copied({ name, wireName, node }: ReadField): string {
    const present = this.#full ? "x !== undefined && x !== null" : "x !== undefined";
    const set = `o[${JSON.stringify(name)}] = ${this.#read(node)};`;
    return `x = v[${JSON.stringify(wireName)}]; if (${present}) ${set}`;
  }

  /** A structure, if it has a member that the model has. */
  #union(node: ReadStructure): string {
    return node.rebuild ? this.#unionCopied(node) : this.#unionInPlace(node);
  }

  /** No member is renamed: the object stays, as DynamoDB's values do, of which answers have thousands. */
  #unionInPlace({ fields }: ReadStructure): string {
    const cases = fields.map(({ wireName, node }) => {
      const read = this.#read(node);
      const set = read === "x" ? "" : `v[k] = ${read}; `;
      return `case ${JSON.stringify(wireName)}: n = true; ${set}break;`;
    });
    return `let n = false, u;
for (const k in v) {
const x = v[k];
${this.#full ? "if (x === null) { delete v[k]; continue; }" : ""}
switch (k) {
${cases.join("\n")}
${typeCase(fields, "delete v[k]; ")}
default: if (u !== undefined) delete v[u]; u = k;
}
}
if (u === undefined) return v;
if (!n) return { $unknown: [u, v[u]] };
delete v[u];
return v;`;
  }

  #unionCopied({ fields }: ReadStructure): string {
    const cases = fields.map(({ name, wireName, node }) => {
      const set = `o[${JSON.stringify(name)}] = ${this.#read(node)};`;
      return `case ${JSON.stringify(wireName)}: n = true; ${set} break;`;
    });
    return `let n = false, u;
const o = {};
for (const k of Object.keys(v)) {
const x = v[k];
${this.#full ? "if (x === null) continue;" : ""}
switch (k) {
${cases.join("\n")}
${typeCase(fields, "")}
default: u = k;
}
}
return n || u === undefined ? o : { $unknown: [u, v[u]] };`;
  }

  #list({ item, sparse }: ReadList): string {
    const read = this.#read(item);
    const value = sparse && this.#full ? `x === null ? null : ${read}` : read;
    const skip = this.#full && !sparse ? "if (x === null) continue;" : "";
    return `let n = 0;
for (let i = 0; i < v.length; i++) {
const x = v[i];
${skip}
v[n++] = ${value};
}
v.length = n;
return v;`;
  }

  #map({ value, sparse }: ReadMap): string {
    const read = this.#read(value);
    const absent = sparse ? "continue;" : "{ delete v[k]; continue; }";
    // The keys are the object's own, so that this sets no prototype even for `__proto__`.
    return `for (const k in v) {
const x = v[k];
${this.#full ? `if (x === null) ${absent}` : ""}
${read === "x" ? "" : `v[k] = ${read};`}
}
return v;`;
  }
}

/** A variant says its type beside its value, unless the type is a variant. */
function typeCase(fields: readonly ReadField[], action: string): string {
  const isMember = fields.some(({ wireName }) => wireName === "__type");
  return isMember ? "" : `case "__type": ${action}break;`;
}
