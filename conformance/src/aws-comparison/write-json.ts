import type { Member, StructureShape } from "./service-shapes.ts";

type Values = Readonly<Record<string, unknown>>;

/** JSON of a structure, as a service would write it. */
export function writeJson(
  shape: StructureShape,
  values: Values,
  family: "json" | "rest-json",
): string {
  const fields = shape.members.flatMap((member) => {
    const value = values[member.name];
    if (value === undefined) return [];
    const name = family === "rest-json" ? (member.wireName ?? member.name) : member.name;
    return [`${JSON.stringify(name)}:${writeValue(member, value, family)}`];
  });
  return `{${fields.join(",")}}`;
}

function writeValue(member: Member, value: unknown, family: "json" | "rest-json"): string {
  const { shape, timestampFormat } = member;
  if (value === null) return "null";
  // Numbers that JSON does not have are texts.
  if (typeof value === "number" && !Number.isFinite(value)) return `"${value}"`;
  switch (shape.kind) {
    case "structure":
      return writeJson(shape, value as Values, family);
    case "list": {
      const items = (value as readonly unknown[]).map((item) =>
        writeValue(shape.member, item, family),
      );
      return `[${items.join(",")}]`;
    }
    case "map": {
      const entries = Object.entries(value as Values).map(
        ([key, item]) => `${JSON.stringify(key)}:${writeValue(shape.value, item, family)}`,
      );
      return `{${entries.join(",")}}`;
    }
    case "timestamp": {
      const date = value as Date;
      if (timestampFormat === "iso8601") return JSON.stringify(date.toISOString());
      if (timestampFormat === "rfc822") return JSON.stringify(date.toUTCString());
      return String(date.getTime() / 1_000);
    }
    case "blob":
      return JSON.stringify(Buffer.from(value as Uint8Array).toString("base64"));
    case "string":
    case "boolean":
    case "integer":
    case "long":
    case "float":
    case "double":
    case "bigInteger":
    case "bigDecimal":
    case "document":
      break;
  }
  return JSON.stringify(value);
}
