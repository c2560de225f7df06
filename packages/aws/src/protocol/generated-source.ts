/**
 * Source of generated functions. Values enter by reference (`constant`) and names as JSON strings
 * (`JSON.stringify`), so nothing of a model is ever read as code.
 */
export class GeneratedSource {
  readonly #constants: unknown[] = [];
  readonly #names = new Map<unknown, string>();
  readonly #lines: string[] = [];
  #identifiers = 0;

  /** An identifier that stands for the value, the same for the same value. */
  constant(value: unknown): string {
    const known = this.#names.get(value);
    if (known !== undefined) return known;
    const name = `k${this.#constants.length}`;
    this.#constants.push(value);
    this.#names.set(value, name);
    return name;
  }

  /** An identifier that was not given before. */
  identifier(): string {
    return `f${this.#identifiers++}`;
  }

  /** Adds a statement or declaration. */
  add(text: string): void {
    this.#lines.push(text);
  }

  /** Compiles everything added and gives the function that `expression` is. */
  compile(expression: string): unknown {
    const constants = this.#constants.map((_, index) => `k${index} = k[${index}]`);
    const head = constants.length === 0 ? "" : `const ${constants.join(", ")};\n`;
    const source = `"use strict";\n${head}${this.#lines.join("\n")}\nreturn ${expression};`;
    // oxlint-disable-next-line no-new-func, typescript/no-implied-eval -- see the class's comment
    const make = new Function("k", source) as (constants: readonly unknown[]) => unknown;
    return make(this.#constants);
  }
}
