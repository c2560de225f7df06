import { crypto } from "../builtin/crypto.ts";
import { bytesOf } from "../protocol/bytes.ts";

/** Attributes of a message by name. */
export type SqsAttributes = Readonly<
  Record<
    string,
    {
      readonly DataType?: unknown;
      readonly StringValue?: unknown;
      readonly BinaryValue?: unknown;
    }
  >
>;

/** MD5 in hex; `undefined` where this process does not allow it (FIPS). */
export function md5Of(data: string | Buffer): string | undefined {
  try {
    return crypto.hash("md5", data, "hex");
  } catch {
    return undefined;
  }
}

/**
 * SQS's MD5 of a message's attributes, in hex: names in order, each with type and value, lengths in
 * front. Source: "Calculating the MD5 message digest for message attributes" of the SQS guide.
 */
export function attributesMd5(attributes: SqsAttributes): string | undefined {
  const parts: Buffer[] = [];
  const add = (bytes: Buffer): void => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    parts.push(length, bytes);
  };
  for (const name of Object.keys(attributes).sort()) {
    const { DataType, StringValue, BinaryValue } = attributes[name] ?? {};
    add(Buffer.from(name));
    add(Buffer.from(String(DataType)));
    const text = typeof StringValue === "string" ? Buffer.from(StringValue) : undefined;
    parts.push(Buffer.of(text === undefined ? 2 : 1));
    add(text ?? bytesOf(BinaryValue) ?? Buffer.alloc(0));
  }
  return md5Of(Buffer.concat(parts));
}
