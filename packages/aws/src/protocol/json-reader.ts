import { GeneratedSource } from "./generated-source.ts";
import {
  needsVisit,
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
  if (!needsVisit(node, mode)) return undefined;
  if (node.kind === "scalar") return node.rules[mode];
  return generateCode ? generateReader(node, mode) : closureReader(node, mode);
}

type Container = ReadStructure | ReadList | ReadMap;

function generateReader(root: ReadNode, mode: ReadMode): ValueReader {
  const source = new GeneratedSource();
  const functions = new Map<ReadNode, string | undefined>();
  const full = mode === "full";

  /** An expression that reads `x`; `undefined`: nothing to do. */
  function call(node: ReadNode, x: string): string | undefined {
    const name = nameOf(node);
    return name === undefined ? undefined : `${name}(${x})`;
  }

  function nameOf(node: ReadNode): string | undefined {
    if (functions.has(node)) return functions.get(node);
    const needed = needsVisit(node, mode);
    if (node.kind === "scalar") return needed ? source.constant(node.rules[mode]) : undefined;
    const name = needed ? source.identifier() : undefined;
    functions.set(node, name);
    if (name !== undefined) source.add(`function ${name}(v) {\n${body(node)}\n}`);
    return name;
  }

  function body(node: Container): string {
    const test = node.kind === "list" ? "!Array.isArray(v)" : `typeof v !== "object" || v === null`;
    const work = { structure, list, map, union }[
      node.kind === "structure" && node.union ? "union" : node.kind
    ] as (node: Container) => string;
    return `if (${test}) return v;\n${work(node)}`;
  }

  function structure(node: ReadStructure): string {
    const lines = node.fields.map((field) => {
      const wire = JSON.stringify(field.wireName);
      const value = call(field.node, "x");
      const present = full ? "x !== undefined && x !== null" : "x !== undefined";
      if (node.rebuild) {
        return `x = v[${wire}]; if (${present}) o[${JSON.stringify(field.name)}] = ${value ?? "x"};`;
      }
      const remove = `if (x === null) delete v[${wire}]`;
      const set = value === undefined ? "" : `if (${present}) v[${wire}] = ${value};`;
      if (full) return `x = v[${wire}]; ${remove};${set === "" ? "" : ` else ${set}`}`;
      return set === "" ? "" : `x = v[${wire}]; ${set}`;
    });
    if (node.rebuild) return `let x; const o = {};\n${lines.join("\n")}\nreturn o;`;
    return `let x;\n${lines.join("\n")}\nreturn v;`;
  }

  function union(node: ReadStructure): string {
    const target = node.rebuild ? "o" : "v";
    const cases = node.fields.map((field) => {
      const value = call(field.node, "x") ?? "x";
      const keep = !node.rebuild && value === "x";
      const set = keep ? "" : `${target}[${JSON.stringify(field.name)}] = ${value}; `;
      return `case ${JSON.stringify(field.wireName)}: n = true; ${set}break;`;
    });
    const type = node.rebuild ? "" : ` delete v["__type"];`;
    return `let n = false, u;${node.rebuild ? " const o = {};" : ""}
for (const k of Object.keys(v)) {
  const x = v[k];
  ${full ? (node.rebuild ? "if (x === null) continue;" : "if (x === null) { delete v[k]; continue; }") : ""}
  switch (k) {
    ${cases.join("\n    ")}
    case "__type":${type} break;
    default: u = k;
  }
}
return n || u === undefined ? ${target} : { $unknown: [u, v[u]] };`;
  }

  function list(node: ReadList): string {
    const value = call(node.item, "x") ?? "x";
    if (!full)
      return `for (let i = 0; i < v.length; i++) { const x = v[i]; v[i] = ${value}; }
return v;`;
    return `let n = 0;
for (let i = 0; i < v.length; i++) {
  const x = v[i];
  ${node.sparse ? `v[n++] = x === null ? null : ${value};` : `if (x !== null) v[n++] = ${value};`}
}
v.length = n;
return v;`;
  }

  function map(node: ReadMap): string {
    const value = call(node.value, "x") ?? "x";
    const keep = node.sparse ? "continue" : "delete v[k]";
    return `for (const k of Object.keys(v)) {
  const x = v[k];
  ${full ? `if (x === null) { ${keep}; } else ` : ""}${value === "x" ? ";" : `v[k] = ${value};`}
}
return v;`;
  }

  return source.compile(nameOf(root) as string);
}

function closureReader(root: ReadNode, mode: ReadMode): ValueReader {
  const readers = new Map<ReadNode, ValueReader | undefined>();
  const full = mode === "full";

  function readerOf(node: ReadNode): ValueReader | undefined {
    if (node.kind === "scalar") return node.rules[mode];
    if (readers.has(node)) return readers.get(node);
    if (!needsVisit(node, mode)) return undefined;
    // A shape that contains itself meets this while its own reader is being made.
    let made: ValueReader | undefined;
    readers.set(node, (value) => (made as ValueReader)(value));
    made = container(node);
    readers.set(node, made);
    return made;
  }

  function container(node: Container): ValueReader {
    if (node.kind === "list") {
      const read = list(node);
      return (value) => (Array.isArray(value) ? read(value) : value);
    }
    let read: (value: Fields) => unknown;
    if (node.kind === "map") read = map(node);
    else read = node.union ? union(node) : structure(node);
    return (value) => (typeof value === "object" && value !== null ? read(value as Fields) : value);
  }

  function structure(node: ReadStructure): (value: Fields) => unknown {
    const fields = node.fields
      .map(({ name, wireName, node: child }) => ({ name, wireName, read: readerOf(child) }))
      .filter(({ read }) => full || node.rebuild || read !== undefined);
    return (value) => {
      const target = node.rebuild ? {} : value;
      for (const { name, wireName, read } of fields) {
        const field = value[wireName];
        if (full && field === null) delete target[wireName];
        else if (field !== undefined) target[name] = read === undefined ? field : read(field);
      }
      return target;
    };
  }

  function union(node: ReadStructure): (value: Fields) => unknown {
    const fields = new Map(
      node.fields.map(({ name, wireName, node: child }) => [
        wireName,
        { name, read: readerOf(child) },
      ]),
    );
    return (value) => {
      const target = node.rebuild ? {} : value;
      let known = false;
      let unknown: string | undefined;
      for (const key of Object.keys(value)) {
        const member = value[key];
        const field = fields.get(key);
        if (full && member === null) delete target[key];
        else if (field !== undefined) {
          known = true;
          target[field.name] = field.read === undefined ? member : field.read(member);
        } else if (key === "__type") delete target[key];
        else unknown = key;
      }
      return known || unknown === undefined ? target : { $unknown: [unknown, value[unknown]] };
    };
  }

  function list(node: ReadList): (value: unknown[]) => unknown {
    const read = readerOf(node.item);
    return (value) => {
      let length = 0;
      for (let index = 0; index < value.length; index++) {
        const item = value[index];
        if (full && item === null && !node.sparse) continue;
        value[length++] = item === null || read === undefined ? item : read(item);
      }
      value.length = length;
      return value;
    };
  }

  function map(node: ReadMap): (value: Fields) => unknown {
    const read = readerOf(node.value);
    return (value) => {
      for (const key of Object.keys(value)) {
        const entry = value[key];
        if (full && entry === null) {
          if (!node.sparse) delete value[key];
        } else if (read !== undefined) value[key] = read(entry);
      }
      return value;
    };
  }

  return readerOf(root) as ValueReader;
}

type Fields = Record<string, unknown>;
