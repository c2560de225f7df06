import type {
  ListShape,
  MapShape,
  Member,
  Shape,
  StructureShape,
  XmlNamespace,
} from "../model/model.ts";
import type { Input } from "./protocol.ts";
import { refuseUnknownVariant } from "./unknown-variant.ts";
import { xmlScalarWriter } from "./xml-scalar.ts";
import { escapeXml } from "./xml-escape.ts";
import { elementNameOf, isFlattened } from "./xml-read-plan.ts";

/** What stands before the root element. */
export const xmlDeclaration = '<?xml version="1.0" encoding="UTF-8"?>';

/** Writes a value as one or more whole elements. */
type WriteElement = (value: unknown) => string;

/** A member of a structure that is written. */
interface MemberWriter {
  readonly name: string;
  readonly write: WriteElement;
}

/** How the root element is named. */
export interface XmlRoot {
  readonly name: string;
  readonly namespace: XmlNamespace | undefined;
}

/** Compiles the writer of a value as the root element of a document. */
export function compileXmlDocument(shape: Shape, root: XmlRoot): WriteElement {
  const write = new XmlWriterCompiler().element(root.name, shape, {
    name: "",
    shape,
    xmlNamespace: root.namespace,
  });
  return (value) => xmlDeclaration + write(value);
}

/**
 * Compiles the writer of a document whose root element holds `members` of a structure; `undefined`
 * when none of them is set. Idempotency tokens that the input does not have are made.
 */
export function compileXmlMembersDocument(
  members: readonly Member[],
  root: XmlRoot,
  newToken: () => string,
): (input: Input) => string | undefined {
  const compiler = new XmlWriterCompiler();
  const attributes = compiler.members(members, true);
  const children = compiler.members(members, false);
  const open = `<${root.name}${namespaceAttribute(root.namespace)}`;
  const token = members.find(({ idempotencyToken }) => idempotencyToken === true)?.name;
  return (input) => {
    const made = token !== undefined && !isSet(input[token]) ? newToken() : undefined;
    const head = writeAll(attributes, input);
    const content = writeAll(children, input, token, made);
    if (head === "" && content === "" && !members.some(({ name }) => isSet(input[name]))) {
      return undefined;
    }
    return `${xmlDeclaration}${open}${head}>${content}</${root.name}>`;
  };
}

class XmlWriterCompiler {
  /** Writers of structures by shape and element name, so that recursion ends. */
  readonly #structures = new Map<StructureShape, Map<string, WriteElement>>();

  /** A value as an element; `member` is the reference that gave the shape. */
  element(name: string, shape: Shape, member: Member): WriteElement {
    const namespace = namespaceAttribute(member.xmlNamespace);
    const open = `<${name}${namespace}>`;
    const close = `</${name}>`;
    if (shape.kind === "structure") {
      return this.#structure(name, shape, member.xmlNamespace ?? shape.xmlNamespace);
    }
    if (shape.kind === "list") {
      const items = this.#items(shape.member.wireName ?? "member", shape);
      return (value) => open + items(value) + close;
    }
    if (shape.kind === "map") {
      const entries = this.#entries("entry", "", shape);
      return (value) => open + entries(value) + close;
    }
    const text = xmlScalarWriter(member);
    return isPlain(shape)
      ? (value) => open + text(value) + close
      : (value) => open + escapeXml(text(value)) + close;
  }

  /** Members of a structure: those that are attributes, or those that are elements. */
  members(members: readonly Member[], attributes: boolean): readonly MemberWriter[] {
    return members
      .filter((member) => (member.xmlAttribute === true) === attributes)
      .map((member) => ({
        name: member.name,
        write: attributes ? attributeWriter(member) : this.#member(member),
      }));
  }

  #member(member: Member): WriteElement {
    const { shape } = member;
    const name = elementNameOf(member);
    if (isFlattened(member)) {
      if (shape.kind === "list") return this.#items(name, shape, member.xmlNamespace);
      if (shape.kind === "map") {
        return this.#entries(name, namespaceAttribute(member.xmlNamespace), shape);
      }
    }
    return this.element(name, shape, member);
  }

  #structure(
    name: string,
    shape: StructureShape,
    namespace: XmlNamespace | undefined,
  ): WriteElement {
    const attribute = namespaceAttribute(namespace);
    const key = name + attribute;
    let writers = this.#structures.get(shape);
    if (writers === undefined) this.#structures.set(shape, (writers = new Map()));
    const known = writers.get(key);
    if (known !== undefined) return known;
    // Bound late: a structure may contain itself.
    let attributes: readonly MemberWriter[] = [];
    let children: readonly MemberWriter[] = [];
    const open = `<${name}${attribute}`;
    const close = `</${name}>`;
    const write: WriteElement = (value) => {
      const input = value as Input;
      if (shape.union === true) refuseUnknownVariant(input);
      return `${open}${writeAll(attributes, input)}>${writeAll(children, input)}${close}`;
    };
    writers.set(key, write);
    attributes = this.members(shape.members, true);
    children = this.members(shape.members, false);
    return write;
  }

  #items(name: string, { member }: ListShape, namespace = member.xmlNamespace): WriteElement {
    const write = this.element(name, member.shape, { ...member, xmlNamespace: namespace });
    return (value) => {
      let text = "";
      for (const item of value as Iterable<unknown>) if (isSet(item)) text += write(item);
      return text;
    };
  }

  #entries(name: string, attribute: string, { key, value }: MapShape): WriteElement {
    const writeKey = this.element(key.wireName ?? "key", key.shape, key);
    const writeValue = this.element(value.wireName ?? "value", value.shape, value);
    const open = `<${name}${attribute}>`;
    const close = `</${name}>`;
    return (map) => {
      const entries = map as Readonly<Record<string, unknown>>;
      let text = "";
      for (const entry of Object.keys(entries)) {
        const found = entries[entry];
        if (isSet(found)) text += open + writeKey(entry) + writeValue(found) + close;
      }
      return text;
    };
  }
}

function attributeWriter(member: Member): WriteElement {
  const text = xmlScalarWriter(member);
  const open = ` ${member.wireName ?? member.name}="`;
  // Parsers turn a tab in an attribute into a space.
  return (value) => `${open}${escapeXml(text(value)).replaceAll("\t", "&#x9;")}"`;
}

/** `made` is the value of the member `token`, if that is absent. */
function writeAll(
  writers: readonly MemberWriter[],
  input: Input,
  token?: string,
  made?: string,
): string {
  let text = "";
  for (const { name, write } of writers) {
    const value = input[name] ?? (name === token ? made : undefined);
    if (isSet(value)) text += write(value);
  }
  return text;
}

function namespaceAttribute(namespace: XmlNamespace | undefined): string {
  if (namespace === undefined) return "";
  const { prefix, uri } = namespace;
  return ` xmlns${prefix === undefined ? "" : `:${prefix}`}="${escapeXml(uri)}"`;
}

/** Texts of this shape contain nothing to escape, whatever the value is. */
function isPlain({ kind }: Shape): boolean {
  return kind === "blob" || kind === "timestamp";
}

function isSet(value: unknown): boolean {
  return value !== undefined && value !== null;
}
