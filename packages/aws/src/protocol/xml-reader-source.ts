import { GeneratedSource } from "./generated-source.ts";
import type { EntryPlan, ElementPlan, StructurePlan, ValuePlan } from "./xml-read-plan.ts";
import { putEntry, putUnknown } from "./xml-reader-values.ts";
import type { XmlScanner } from "./xml-scanner.ts";

/**
 * Makes a reader as generated source: one function per structure, list and map, in which the names
 * of elements are compared byte by byte. Names of the model are in it as numbers and as
 * `JSON.stringify` writes them.
 */
export function generateXmlReader(plan: ValuePlan): (scanner: XmlScanner) => unknown {
  const backEnd = new SourceBackEnd();
  const root = backEnd.value(plan);
  return backEnd.source.compile(`function(s){return ${root}}`) as (scanner: XmlScanner) => unknown;
}

class SourceBackEnd {
  readonly source = new GeneratedSource();
  readonly #names = new Map<ValuePlan, string>();

  /** An expression that takes the current element and gives its value. */
  value(plan: ValuePlan): string {
    return plan.kind === "scalar" ? `s.${plan.reader}()` : `${this.#function(plan)}(s)`;
  }

  #function(plan: Exclude<ValuePlan, { kind: "scalar" }>): string {
    const known = this.#names.get(plan);
    if (known !== undefined) return known;
    const name = this.source.identifier();
    this.#names.set(plan, name);
    const body =
      plan.kind === "structure"
        ? this.#structure(plan)
        : plan.kind === "list"
          ? this.#list(plan.item)
          : `const o={};s.enter();while(s.next()){${this.#entry("o", plan)}}return o;`;
    this.source.add(`function ${name}(s){${body}}`);
    return name;
  }

  #structure({ members, attributes, union }: StructurePlan): string {
    let head = "const o={};let v;";
    for (const { key, name } of attributes) {
      const value = `v=s.attribute(${JSON.stringify(name)})`;
      head += `${value};if(v!==undefined)o[${JSON.stringify(key)}]=v;`;
    }
    const lengths = new Map<number, string>();
    members.forEach((member, index) => {
      if (member.repeated !== "no") head += `let m${index};`;
      const bytes = Buffer.from(member.element);
      const take = this.#element(member, index);
      const before = lengths.get(bytes.length) ?? "";
      lengths.set(bytes.length, `${before}if(${matches(bytes)}){${take}continue;}`);
    });
    let cases = "";
    for (const [length, tests] of lengths) cases += `case ${length}:${tests}break;\n`;
    const other = union ? "if(u===undefined)u=[s.name(),s.source()];else s.skip();" : "s.skip();";
    const tail = union ? `if(u!==undefined)${this.source.constant(putUnknown)}(o,u);` : "";
    const loop = `while(s.next()){const i=s.nameStart;switch(s.nameEnd-i){${cases}}${other}}`;
    return `${head}${union ? "let u;" : ""}s.enter();const b=s.bytes;${loop}${tail}return o;`;
  }

  #element({ key, value, repeated }: ElementPlan, index: number): string {
    if (key === undefined) {
      return value.kind === "scalar" ? "s.requestId=s.text();" : `${this.value(value)};`;
    }
    const target = `o[${JSON.stringify(key)}]`;
    if (repeated === "entry" && value.kind === "map") {
      return `if(m${index}===undefined)${target}=m${index}={};${this.#entry(`m${index}`, value)}`;
    }
    const read = this.value(value);
    if (repeated === "item") {
      const add = `if(m${index}===undefined)${target}=m${index}=[v];else m${index}.push(v);`;
      return canBeAbsent(value) ? `v=${read};if(v!==undefined){${add}}` : `v=${read};${add}`;
    }
    return canBeAbsent(value) ? `v=${read};if(v!==undefined)${target}=v;` : `${target}=${read};`;
  }

  #list(item: ValuePlan): string {
    const read = this.value(item);
    const add = canBeAbsent(item)
      ? `const v=${read};if(v!==undefined)o.push(v);`
      : `o.push(${read});`;
    return `const o=[];s.enter();while(s.next()){${add}}return o;`;
  }

  /** Statements that take one entry into the map `target`. */
  #entry(target: string, { keyElement, valueElement, value }: EntryPlan): string {
    const isKey = `n===${JSON.stringify(keyElement)}`;
    const isValue = `n===${JSON.stringify(valueElement)}`;
    const take = `if(${isKey})k=s.text();else if(${isValue})e=${this.value(value)};else s.skip();`;
    return `let k,e;s.enter();while(s.next()){const n=s.name();${take}}${this.source.constant(putEntry)}(${target},k,e);`;
  }
}

/** An empty element of this kind is as if absent. */
function canBeAbsent(plan: ValuePlan): boolean {
  return plan.kind === "scalar" && plan.reader !== "text" && plan.reader !== "blob";
}

function matches(name: Buffer): string {
  if (name.length === 0) return "true";
  return Array.from(name, (byte, at) => `b[i${at === 0 ? "" : `+${at}`}]===${byte}`).join("&&");
}
