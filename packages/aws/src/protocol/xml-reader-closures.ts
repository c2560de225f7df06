import type { Output } from "./protocol.ts";
import { putEntry, putUnknown } from "./xml-reader-values.ts";
import type { ElementPlan, EntryPlan, StructurePlan, ValuePlan } from "./xml-read-plan.ts";
import type { XmlScanner } from "./xml-scanner.ts";

type ReadValue = (scanner: XmlScanner) => unknown;
type ReadInto = (scanner: XmlScanner, output: Output) => void;

/** A child element of a structure: its name's bytes, and what takes it. */
interface ElementReader {
  readonly name: Uint8Array;
  readonly read: ReadInto;
}

/** Makes readers of closures, for processes that do not allow generated code. */
export function closeXmlReader(plan: ValuePlan): ReadValue {
  return new ClosureBackEnd().value(plan);
}

class ClosureBackEnd {
  readonly #structures = new Map<StructurePlan, ReadValue>();

  value(plan: ValuePlan): ReadValue {
    switch (plan.kind) {
      case "scalar": {
        const { reader } = plan;
        return (scanner) => scanner[reader]();
      }
      case "structure":
        return this.#structure(plan);
      case "list":
        return this.#list(plan.item);
      case "map":
      default: {
        const entry = this.#entry(plan);
        return (scanner) => {
          const output: Output = {};
          scanner.enter();
          while (scanner.next()) entry(scanner, output);
          return output;
        };
      }
    }
  }

  #structure(plan: StructurePlan): ReadValue {
    const known = this.#structures.get(plan);
    if (known !== undefined) return known;
    // Bound late: a structure may contain itself.
    let elements: readonly ElementReader[] = [];
    const { attributes, union } = plan;
    const read: ReadValue = (scanner) => {
      const output: Output = {};
      for (const { key, name } of attributes) {
        const value = scanner.attribute(name);
        if (value !== undefined) output[key] = value;
      }
      let unknown: [string, string] | undefined;
      let expected = 0;
      scanner.enter();
      while (scanner.next()) {
        const found = indexOf(elements, expected, scanner);
        if (found >= 0) {
          elements[found]!.read(scanner, output);
          expected = found;
        } else if (union) unknown ??= [scanner.name(), scanner.source()];
        else scanner.skip();
      }
      if (unknown !== undefined) putUnknown(output, unknown);
      return output;
    };
    this.#structures.set(plan, read);
    elements = plan.members.map((member) => ({
      name: Buffer.from(member.element),
      read: this.#element(member),
    }));
    return read;
  }

  #element({ key, value, repeated }: ElementPlan): ReadInto {
    if (key === undefined) {
      if (value.kind !== "scalar") return this.value(value);
      return (scanner) => {
        scanner.requestId = scanner.text();
      };
    }
    if (repeated === "entry" && value.kind === "map") return this.#entryInto(key, value);
    const read = this.value(value);
    if (repeated === "item") {
      return (scanner, output) => {
        const item = read(scanner);
        if (item === undefined) return;
        if (Object.hasOwn(output, key)) (output[key] as unknown[]).push(item);
        else output[key] = [item];
      };
    }
    return (scanner, output) => {
      const found = read(scanner);
      if (found !== undefined) output[key] = found;
    };
  }

  #entryInto(key: string, plan: EntryPlan): ReadInto {
    const entry = this.#entry(plan);
    return (scanner, output) => {
      if (!Object.hasOwn(output, key)) output[key] = {};
      entry(scanner, output[key] as Output);
    };
  }

  #list(item: ValuePlan): ReadValue {
    const read = this.value(item);
    return (scanner) => {
      const items: unknown[] = [];
      scanner.enter();
      while (scanner.next()) {
        const value = read(scanner);
        if (value !== undefined) items.push(value);
      }
      return items;
    };
  }

  #entry({ keyElement, valueElement, value }: EntryPlan): ReadInto {
    const readValue = this.value(value);
    return (scanner, output) => {
      let key: string | undefined;
      let found: unknown;
      scanner.enter();
      while (scanner.next()) {
        const name = scanner.name();
        if (name === keyElement) key = scanner.text();
        else if (name === valueElement) found = readValue(scanner);
        else scanner.skip();
      }
      putEntry(output, key, found);
    };
  }
}

/** Index of the element at the current tag: answers keep their order, so `expected` on is first. */
function indexOf(
  elements: readonly ElementReader[],
  expected: number,
  { bytes, nameStart, nameEnd }: XmlScanner,
): number {
  const count = elements.length;
  const length = nameEnd - nameStart;
  for (let tried = 0, index = expected; tried < count; tried++, index++) {
    if (index === count) index = 0;
    const { name } = elements[index]!;
    if (name.length !== length) continue;
    let at = 0;
    while (at < length && name[at] === bytes[nameStart + at]) at++;
    if (at === length) return index;
  }
  return -1;
}
