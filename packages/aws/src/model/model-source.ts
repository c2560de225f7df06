import type { CompactModel, CompactOperation, CompactShape } from "./compact-form.ts";

/** Where a model's parts come from. */
export interface ModelSource {
  /** Names of the operations. */
  operationNames(): readonly string[];
  operation(name: string): CompactOperation | undefined;
  shape(name: string): CompactShape | undefined;
  /** One of the other parts. */
  part<Name extends PartName>(name: Name): CompactModel[Name];
}

type PartName = Exclude<keyof CompactModel, SectionName>;
type SectionName = "operations" | "shapes";

/** A model that has been parsed: from a bundle, or just made. */
export class ParsedSource implements ModelSource {
  readonly #compact: CompactModel;

  constructor(compact: CompactModel) {
    this.#compact = compact;
  }

  operationNames(): readonly string[] {
    return Object.keys(this.#compact.operations);
  }

  operation(name: string): CompactOperation | undefined {
    return own(this.#compact.operations, name);
  }

  shape(name: string): CompactShape | undefined {
    return own(this.#compact.shapes, name);
  }

  part<Name extends PartName>(name: Name): CompactModel[Name] {
    return this.#compact[name];
  }
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The parts of a model's file, in its order (`render-json.ts`). */
const partOrder: readonly (keyof CompactModel)[] = [
  "metadata",
  "operations",
  "errors",
  "shapes",
  "paginators",
  "waiters",
  "endpointRules",
];

/**
 * The text of a model's file, which has an operation or a shape in each line (`render-json.ts`):
 * only the lines that are asked for are parsed. To parse all of a large service takes longer than its
 * first call.
 */
export class TextSource implements ModelSource {
  readonly #text: string;
  readonly #starts = new Map<SectionName, number>();

  constructor(text: string) {
    this.#text = text;
  }

  operationNames(): readonly string[] {
    const names: string[] = [];
    const { start, end } = this.#section("operations");
    for (let at = start; at < end; at = this.#text.indexOf("\n", at) + 1) {
      names.push(this.#text.slice(at + 1, this.#text.indexOf('"', at + 1)));
    }
    return names;
  }

  operation(name: string): CompactOperation | undefined {
    return this.#entry("operations", name) as CompactOperation | undefined;
  }

  shape(name: string): CompactShape | undefined {
    return this.#entry("shapes", name) as CompactShape | undefined;
  }

  part<Name extends PartName>(name: Name): CompactModel[Name] {
    const key = `\n"${name}":`;
    const start = this.#text.indexOf(key) + key.length;
    return JSON.parse(this.#text.slice(start, this.#endOf(name, start))) as CompactModel[Name];
  }

  /** A part ends where a line begins the next one, or with the file. */
  #endOf(name: PartName, start: number): number {
    const next = partOrder[partOrder.indexOf(name) + 1];
    return next === undefined
      ? this.#text.lastIndexOf("}")
      : this.#text.indexOf(`,\n"${next}":`, start);
  }

  #entry(section: SectionName, name: string): unknown {
    const { start, end } = this.#section(section);
    const key = `\n${JSON.stringify(name)}:`;
    const found = this.#text.indexOf(key, start - 1);
    if (found < 0 || found >= end) return undefined;
    const line = this.#text.slice(found + key.length, this.#text.indexOf("\n", found + 1));
    return JSON.parse(line.endsWith(",") ? line.slice(0, -1) : line);
  }

  /** Where the lines of a section are. */
  #section(name: SectionName): { readonly start: number; readonly end: number } {
    let start = this.#starts.get(name);
    if (start === undefined) {
      const key = `\n"${name}":{`;
      start = this.#text.indexOf(key) + key.length + 1;
      this.#starts.set(name, start);
    }
    return { start, end: this.#text.indexOf("\n}", start - 1) + 1 };
  }
}
