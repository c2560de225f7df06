import type { Member, StructureShape } from "./service-shapes.ts";

type Values = Readonly<Record<string, unknown>>;

/** CBOR of a structure, as a service would write it. */
export function writeCbor(shape: StructureShape, values: Values): Buffer {
  const present = shape.members.filter(({ name }) => values[name] !== undefined);
  const entries = present.map((member) => [member.name, member, values[member.name]] as const);
  return writeEntries(entries);
}

function writeEntries(entries: readonly (readonly [string, Member, unknown])[]): Buffer {
  const pieces = entries.map(([name, member, value]) =>
    Buffer.concat([writeText(name), writeValue(member, value)]),
  );
  return Buffer.concat([head(5, entries.length), ...pieces]);
}

function writeValue(member: Member, value: unknown): Buffer {
  const { shape } = member;
  switch (shape.kind) {
    case "structure":
      return writeCbor(shape, value as Values);
    case "list": {
      const items = (value as readonly unknown[]).map((item) => writeValue(shape.member, item));
      return Buffer.concat([head(4, items.length), ...items]);
    }
    case "map":
      return writeEntries(
        Object.entries(value as Values).map(([key, item]) => [key, shape.value, item] as const),
      );
    case "timestamp":
      return Buffer.concat([head(6, 1), writeDouble((value as Date).getTime() / 1_000)]);
    case "blob": {
      const bytes = value as Uint8Array;
      return Buffer.concat([head(2, bytes.length), bytes]);
    }
    case "boolean":
      return Buffer.from([value === true ? 0xf5 : 0xf4]);
    case "integer":
    case "long":
    case "bigInteger":
      return (value as number) < 0 ? head(1, -(value as number) - 1) : head(0, value as number);
    case "float":
    case "double":
    case "bigDecimal":
      return writeDouble(value as number);
    case "string":
    case "document":
      break;
  }
  return writeText(value as string);
}

function writeText(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([head(3, bytes.length), bytes]);
}

function writeDouble(value: number): Buffer {
  const bytes = Buffer.alloc(9, 0xfb);
  bytes.writeDoubleBE(value, 1);
  return bytes;
}

/** Major type and argument, as short as may be. */
function head(major: number, argument: number): Buffer {
  const type = major << 5;
  if (argument < 24) return Buffer.from([type | argument]);
  if (argument < 0x100) return Buffer.from([type | 24, argument]);
  const bytes = Buffer.alloc(argument < 0x10000 ? 3 : argument < 0x1_0000_0000 ? 5 : 9);
  if (bytes.length === 3) bytes.writeUInt16BE(argument, 1);
  else if (bytes.length === 5) bytes.writeUInt32BE(argument, 1);
  else bytes.writeBigUInt64BE(BigInt(argument), 1);
  bytes[0] = type | (24 + Math.log2(bytes.length - 1));
  return bytes;
}
