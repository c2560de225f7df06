import { crc32 } from "node:zlib";

/** One message of `application/vnd.amazon.eventstream`. */
export interface EventStreamMessage {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

/**
 * Decodes a whole event stream on its own reading of the format (spec invoke-api §5), so that an error
 * in the daemon's encoder is not repeated here. Throws on a wrong length, checksum or header type.
 */
export function decodeEventStream(bytes: Buffer): EventStreamMessage[] {
  const messages: EventStreamMessage[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const total = bytes.readUInt32BE(offset);
    const message = bytes.subarray(offset, offset + total);
    if (message.length !== total) throw new Error("Cannot decode the stream: it ends in a message");
    messages.push(decodeMessage(message));
    offset += total;
  }
  return messages;
}

function decodeMessage(message: Buffer): EventStreamMessage {
  const end = message.length - 4;
  if (crc32(message.subarray(0, 8)) !== message.readUInt32BE(8)) {
    throw new Error("Cannot decode the message: the prelude's checksum is wrong");
  }
  if (crc32(message.subarray(0, end)) !== message.readUInt32BE(end)) {
    throw new Error("Cannot decode the message: its checksum is wrong");
  }
  const headersEnd = 12 + message.readUInt32BE(4);
  const headers: Record<string, string> = {};
  let offset = 12;
  while (offset < headersEnd) {
    const nameEnd = offset + 1 + message.readUInt8(offset);
    const name = message.toString("utf8", offset + 1, nameEnd);
    const type = message.readUInt8(nameEnd);
    if (type !== 7) throw new Error(`Cannot decode the header '${name}': its type is ${type}`);
    if (name in headers) throw new Error(`Cannot decode the message: '${name}' occurs twice`);
    const valueStart = nameEnd + 3;
    const valueEnd = valueStart + message.readUInt16BE(nameEnd + 1);
    headers[name] = message.toString("utf8", valueStart, valueEnd);
    offset = valueEnd;
  }
  return { headers, payload: message.subarray(headersEnd, end) };
}

/** What an InvokeWithResponseStream answer says. */
export interface StreamedResult {
  readonly payload: Buffer;
  readonly complete: {
    readonly ErrorCode?: string;
    readonly ErrorDetails?: string;
    readonly LogResult?: string;
  };
}

/** Payload and ending of a stream; throws unless exactly one InvokeComplete ends it. */
export function readStreamedResult(bytes: Buffer): StreamedResult {
  const messages = decodeEventStream(bytes);
  const types = messages.map(({ headers }) => headers[":event-type"]);
  const last = messages.at(-1);
  if (last === undefined || types.indexOf("InvokeComplete") !== messages.length - 1) {
    throw new Error(`Cannot read the stream: its events are ${types.join(", ")}`);
  }
  return {
    payload: Buffer.concat(messages.slice(0, -1).map(({ payload }) => payload)),
    complete: JSON.parse(last.payload.toString()) as StreamedResult["complete"],
  };
}
