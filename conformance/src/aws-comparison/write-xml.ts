import type { Member, StructureShape } from "./service-shapes.ts";

type Values = Readonly<Record<string, unknown>>;

/** Text for an element or an attribute. */
export function escapeXml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** The members of a structure that are elements, as a service would write them. */
export function writeXmlMembers(shape: StructureShape, values: Values): string {
  return shape.members
    .filter(({ location, xmlAttribute }) => location === undefined && xmlAttribute !== true)
    .map((member) => {
      const value = values[member.name];
      return value === undefined ? "" : writeMember(member, value, member.wireName ?? member.name);
    })
    .join("");
}

function writeMember(member: Member, value: unknown, name: string): string {
  const { shape } = member;
  if (shape.kind === "list") {
    const isFlat = shape.flattened === true || member.flattened === true;
    const { member: item } = shape;
    const itemName = isFlat ? (item.wireName ?? name) : (item.wireName ?? "member");
    const items = (value as readonly unknown[]).map((one) => writeMember(item, one, itemName));
    return isFlat ? items.join("") : `<${name}>${items.join("")}</${name}>`;
  }
  if (shape.kind === "map") {
    const isFlat = shape.flattened === true || member.flattened === true;
    const entryName = isFlat ? name : "entry";
    const entries = Object.entries(value as Values).map(([key, item]) => {
      const keyText = writeMember(shape.key, key, shape.key.wireName ?? "key");
      const valueText = writeMember(shape.value, item, shape.value.wireName ?? "value");
      return `<${entryName}>${keyText}${valueText}</${entryName}>`;
    });
    return isFlat ? entries.join("") : `<${name}>${entries.join("")}</${name}>`;
  }
  if (shape.kind === "structure") {
    const values = value as Values;
    return `<${name}${writeAttributes(shape, values)}>${writeXmlMembers(shape, values)}</${name}>`;
  }
  return `<${name}>${escapeXml(scalarText(member, value))}</${name}>`;
}

function writeAttributes(shape: StructureShape, values: Values): string {
  return shape.members
    .filter(({ name, xmlAttribute }) => xmlAttribute === true && values[name] !== undefined)
    .map(({ name, wireName = name }) => ` ${wireName}="${escapeXml(String(values[name]))}"`)
    .join("");
}

function scalarText({ timestampFormat }: Member, value: unknown): string {
  if (value instanceof Date) {
    if (timestampFormat === "rfc822") return value.toUTCString();
    if (timestampFormat === "unixTimestamp") return String(value.getTime() / 1_000);
    return value.toISOString();
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  return String(value);
}
