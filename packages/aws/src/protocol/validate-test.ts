import type { Member, Shape, StructureShape } from "../model/model.ts";
import { GeneratedSource } from "./generated-source.ts";
import type { CustomShape } from "./protocol.ts";
import { eventsRule, kindRule, objectRule } from "./validate-kind.ts";

/**
 * Generates a test that is true for inputs without problems, by the rules of `InputCheck`. It says
 * nothing of what is wrong, so it is fast. May throw what the input's getters throw.
 */
export function compileInputTest(
  input: StructureShape,
  customShapes: ReadonlyMap<string, CustomShape> | undefined,
): (input: unknown) => boolean {
  return new InputTestSource(customShapes).compile(input);
}

class InputTestSource {
  readonly #source = new GeneratedSource();
  readonly #functions = new Map<Shape, string>();
  readonly #customShapes: ReadonlyMap<string, CustomShape> | undefined;

  constructor(customShapes: ReadonlyMap<string, CustomShape> | undefined) {
    this.#customShapes = customShapes;
  }

  compile(input: StructureShape): (input: unknown) => boolean {
    return this.#source.compile(this.#container(input)) as (input: unknown) => boolean;
  }

  /** An expression that is true when `x` fits the member; `undefined`: everything does. */
  #fits(member: Member): string | undefined {
    const { shape } = member;
    if (member.jsonValue === true || shape.kind === "document") return undefined;
    if (shape.kind === "structure") {
      if (this.#customShapes?.has(shape.name) === true) return undefined;
      if (shape.eventStream === true) return this.#accepted(eventsRule.accepts);
      return `${this.#container(shape)}(x)`;
    }
    if (shape.kind === "list" || shape.kind === "map") return `${this.#container(shape)}(x)`;
    if (shape.kind === "string") return `typeof x === "string"`;
    if (shape.kind === "boolean") return `typeof x === "boolean"`;
    return this.#accepted(kindRule(member).accepts);
  }

  #accepted(accepts: (value: unknown) => boolean): string {
    return `${this.#source.constant(accepts)}(x)`;
  }

  #container(shape: Shape): string {
    const known = this.#functions.get(shape);
    if (known !== undefined) return known;
    const name = this.#source.identifier();
    this.#functions.set(shape, name);
    let body = "";
    if (shape.kind === "structure") body = this.#structure(shape);
    else if (shape.kind === "list") body = this.#list(shape.member);
    else if (shape.kind === "map") body = this.#map(shape.value);
    this.#source.add(`function ${name}(v) {\n${body}\n}`);
    return name;
  }

  #structure(shape: StructureShape): string {
    const isObject = this.#source.constant(objectRule.accepts);
    const lines = shape.members.map((member) => {
      const fits = this.#fits(member);
      const label = member.location === "uri" ? ` || x === ""` : "";
      const count = shape.union === true ? " else n++;" : "";
      const needed = member.location === "uri" || member.required === true;
      const required = needed && member.idempotencyToken !== true;
      const absent = required ? "return false;" : "";
      const wrong = fits === undefined ? "false" : `!(${fits})`;
      const read = `x = v[${JSON.stringify(member.name)}];`;
      return `${read} if (x === undefined || x === null) { ${absent} } else if (${wrong}${label}) return false;${count}`;
    });
    const cases = shape.members.map(({ name }) => `case ${JSON.stringify(name)}:`).join(" ");
    const known = cases === "" ? "" : `switch (k) { ${cases} continue; }`;
    return `if (!${isObject}(v)) return false;
let x, n = 0;
${lines.join("\n")}
for (const k in v) {
  ${known}
  x = v[k];
  if (x !== undefined && x !== null && Object.hasOwn(v, k)) return false;
}
return ${shape.union === true ? "n === 1" : "true"};`;
  }

  #list(item: Member): string {
    const fits = this.#fits(item);
    if (fits === undefined) return `return Array.isArray(v);`;
    return `if (!Array.isArray(v)) return false;
for (let i = 0; i < v.length; i++) {
  const x = v[i];
  if (x !== undefined && x !== null && !(${fits})) return false;
}
return true;`;
  }

  #map(value: Member): string {
    const isObject = this.#source.constant(objectRule.accepts);
    const fits = this.#fits(value);
    if (fits === undefined) return `return ${isObject}(v);`;
    return `if (!${isObject}(v)) return false;
for (const k in v) {
  const x = v[k];
  if (x !== undefined && x !== null && !(${fits}) && Object.hasOwn(v, k)) return false;
}
return true;`;
  }
}
