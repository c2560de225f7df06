import { crc32 } from "node:zlib";

/** A message of an event stream; its headers are texts. */
export interface WrittenMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string | Buffer;
}

/** The messages one after another, written without any part of the client. */
export function writeEventStream(messages: readonly WrittenMessage[]): Buffer {
  return Buffer.concat(messages.map(writeMessage));
}

function writeMessage({ headers, payload }: WrittenMessage): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(writeHeader));
  const body = Buffer.from(payload);
  const message = Buffer.alloc(16 + head.length + body.length);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, 12);
  body.copy(message, 12 + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4);
  return message;
}

function writeHeader([name, value]: readonly [string, string]): Buffer {
  const [nameBytes, valueBytes] = [Buffer.from(name), Buffer.from(value)];
  const length = Buffer.alloc(2);
  length.writeUInt16BE(valueBytes.length);
  return Buffer.concat([
    Buffer.from([nameBytes.length]),
    nameBytes,
    Buffer.from([7]),
    length,
    valueBytes,
  ]);
}
