/** The part of the client library's connection that reads frames; its types do not name it. */
export interface FrameReader {
  /** Bytes that have come and were not read. */
  readonly rest: Buffer;
  recvFrame(): unknown;
}

/** A content header frame, as the client library reads it. */
export interface HeaderFrame {
  readonly id: number;
  readonly channel: number;
  /** Bytes of the body. */
  readonly size: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

const headerFrameType = 2;

/**
 * Lets a connection live on when the header table of a message cannot be read: it counts as empty.
 *
 * The client library gives its connection up over a type of value that it does not know, or over tables
 * nested too deeply for the stack. The broker takes both from any sender, and would deliver such a request
 * again and again, to one host after the other (AM-22).
 */
export function tolerateHeaders(reader: FrameReader): void {
  const receive = reader.recvFrame.bind(reader);
  reader.recvFrame = () => {
    const { rest } = reader;
    try {
      return receive();
    } catch (error) {
      // The frame itself is whole when the reader is past it.
      const frame = rest === reader.rest ? undefined : readHeaderFrame(rest);
      if (frame === undefined) throw error;
      return frame;
    }
  };
}

/**
 * Reads a content header frame, without the table in it.
 *
 * @param bytes - Begin with the frame.
 * @returns `undefined` when it is another frame, or not a sound one.
 */
export function readHeaderFrame(bytes: Buffer): HeaderFrame | undefined {
  if (bytes[0] !== headerFrameType) return undefined;
  try {
    // Seven bytes of the frame; class, weight, size of the body, and flags.
    const flags = bytes.readUInt16BE(19);
    const fields = readFields(bytes, 21, flags);
    const size = Number(bytes.readBigUInt64BE(11));
    return { id: bytes.readUInt16BE(7), channel: bytes.readUInt16BE(1), size, fields };
  } catch {
    return undefined;
  }
}

type Kind = "text" | "table" | "octet" | "long";

/** In the order of the flags, from the highest bit on. */
const properties: readonly (readonly [name: string, kind: Kind])[] = [
  ["contentType", "text"],
  ["contentEncoding", "text"],
  ["headers", "table"],
  ["deliveryMode", "octet"],
  ["priority", "octet"],
  ["correlationId", "text"],
  ["replyTo", "text"],
  ["expiration", "text"],
  ["messageId", "text"],
  ["timestamp", "long"],
  ["type", "text"],
  ["userId", "text"],
  ["appId", "text"],
  ["clusterId", "text"],
];

function readFields(bytes: Buffer, start: number, flags: number): HeaderFrame["fields"] {
  const fields: Record<string, unknown> = {};
  let offset = start;
  for (const [index, [name, kind]] of properties.entries()) {
    const isSet = (flags & (0x80_00 >> index)) !== 0;
    if (!isSet) {
      fields[name] = undefined;
      continue;
    }
    const value = readers[kind](bytes, offset);
    fields[name] = value.value;
    offset = value.end;
  }
  return fields;
}

interface Read {
  readonly value: unknown;
  readonly end: number;
}

const readers: Readonly<Record<Kind, (bytes: Buffer, offset: number) => Read>> = {
  text: (bytes, offset) => {
    const end = offset + 1 + bytes.readUInt8(offset);
    return { value: bytes.toString("utf8", offset + 1, end), end };
  },
  table: (bytes, offset) => ({ value: {}, end: offset + 4 + bytes.readUInt32BE(offset) }),
  octet: (bytes, offset) => ({ value: bytes.readUInt8(offset), end: offset + 1 }),
  long: (bytes, offset) => ({ value: Number(bytes.readBigUInt64BE(offset)), end: offset + 8 }),
};
