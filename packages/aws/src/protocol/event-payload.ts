import type { Member, OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import { blobBytes } from "./bytes.ts";
import { compileErrors } from "./error-shape.ts";
import type { BodyFormat } from "./http-binding.ts";
import type { EventHeader, EventInput, EventMessage, EventOutput, Output } from "./protocol.ts";

type EventReader = (headers: ReadonlyMap<string, unknown>, payload: Buffer) => Output;

/** Compiles how the events of an output become objects; `undefined` without an event stream. */
export function compileEventOutput(
  service: ServiceModel,
  operation: OperationModel,
  format: BodyFormat,
): EventOutput | undefined {
  const { output } = operation;
  const stream = output?.members.find(isEventStream);
  if (output === undefined || stream === undefined) return undefined;
  const union = stream.shape as StructureShape;
  const readers = new Map<string, EventReader>();
  const initial = output.members.filter((member) => member !== stream);
  const readInitial = initial.length === 0 ? () => ({}) : format.compileBodyReader(output, initial);
  const exceptions = { ...operation, errors: [...operation.errors, ...errorShapes(union)] };
  const readError = compileErrors(service, exceptions, (shape) => {
    const read = eventReader(shape, format);
    return (_response, { document }) => read(new Map(), document);
  });

  function readerOf(type: string): EventReader | undefined {
    const known = readers.get(type);
    if (known !== undefined) return known;
    const member = union.members.find(({ name }) => name === type);
    if (member?.shape.kind !== "structure") return undefined;
    const reader = eventReader(member.shape, format);
    readers.set(type, reader);
    return reader;
  }

  return {
    member: stream.name,
    parseEvent(type, headers, payload) {
      const read = readerOf(type);
      return read === undefined
        ? { $unknown: [type, payload] }
        : { [type]: read(headers, payload) };
    },
    parseException(type, _headers, payload) {
      const shape = union.members.find(({ name }) => name === type)?.shape;
      const code = shape?.kind === "structure" ? shape.name : type;
      // The payload is the protocol's: CBOR's errors are read only where a header says that.
      const headers = ["smithy-protocol", "rpc-v2-cbor"];
      const response = { status: 400, headers, body: payload };
      return readError(response, { ...format.readError(response), code, document: payload });
    },
    parseInitialResponse: readInitial,
  };
}

/** Compiles how events of an input are written; `undefined` without an event stream. */
export function compileEventInput(
  operation: OperationModel,
  format: BodyFormat,
): EventInput | undefined {
  const stream = operation.input?.members.find(isEventStream);
  if (stream === undefined) return undefined;
  const union = stream.shape as StructureShape;
  const writers = new Map<string, (event: Readonly<Record<string, unknown>>) => EventMessage>();
  return {
    member: stream.name,
    serializeEvent(event) {
      const { type, value } = soleMember(event);
      let write = writers.get(type);
      if (write === undefined) {
        const shape = union.members.find(({ name }) => name === type)?.shape;
        if (shape?.kind !== "structure") {
          const names = union.members.map(({ name }) => name).join(", ");
          throw new TypeError(`Cannot send event "${type}": the stream takes ${names}`);
        }
        writers.set(type, (write = eventWriter(type, shape, operation, format)));
      }
      return write(value);
    },
  };
}

function isEventStream({ shape }: Member): boolean {
  return shape.kind === "structure" && shape.eventStream === true;
}

function errorShapes(union: StructureShape): StructureShape[] {
  return union.members
    .map(({ shape }) => shape)
    .filter((shape): shape is StructureShape => shape.kind === "structure" && !!shape.error);
}

/** Members of an event that are neither headers nor the raw payload. */
function documentMembers(shape: StructureShape): readonly Member[] {
  return shape.members.filter((member) => !member.eventHeader && !member.eventPayload);
}

function eventReader(shape: StructureShape, format: BodyFormat): EventReader {
  const headers = shape.members.filter(({ eventHeader }) => eventHeader);
  const readPayload = payloadReader(shape, format);
  return (values, payload) => {
    const event = readPayload(payload);
    for (const member of headers) {
      const value = values.get(member.wireName ?? member.name);
      if (value !== undefined) event[member.name] = headerValue(value);
    }
    return event;
  };
}

function payloadReader(shape: StructureShape, format: BodyFormat): (payload: Buffer) => Output {
  const payload = shape.members.find(({ eventPayload }) => eventPayload);
  if (payload === undefined) {
    const members = documentMembers(shape);
    return members.length === 0 ? () => ({}) : format.compileBodyReader(shape, members);
  }
  const { name } = payload;
  if (payload.shape.kind === "blob") return (bytes) => ({ [name]: bytes });
  if (payload.shape.kind === "string") return (bytes) => ({ [name]: bytes.toString("utf8") });
  const read = format.compilePayloadReader(shape, payload);
  return (bytes) => {
    const value = read(bytes);
    return value === undefined ? {} : { [name]: value };
  };
}

/** Integers of 64 bits arrive as `bigint`. */
function headerValue(value: unknown): unknown {
  if (typeof value !== "bigint") return value;
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}

function soleMember(event: unknown): { type: string; value: Readonly<Record<string, unknown>> } {
  if (typeof event === "object" && event !== null) {
    const members = event as Readonly<Record<string, unknown>>;
    const [type, ...others] = Object.keys(members).filter(
      (key) => (members[key] ?? undefined) !== undefined,
    );
    const value = type === undefined ? undefined : members[type];
    if (type !== undefined && others.length === 0 && typeof value === "object") {
      return { type, value: value as Readonly<Record<string, unknown>> };
    }
  }
  throw new TypeError("Cannot send an event: it must be an object with one member, its type");
}

function eventWriter(
  type: string,
  shape: StructureShape,
  operation: OperationModel,
  format: BodyFormat,
): (event: Readonly<Record<string, unknown>>) => EventMessage {
  const headers = shape.members.filter(({ eventHeader }) => eventHeader);
  const { contentType, write } = payloadWriter(shape, operation, format);
  return (event) => {
    const values: EventHeader[] = [];
    for (const member of headers) {
      const value = event[member.name];
      if (value === undefined || value === null) continue;
      const name = member.wireName ?? member.name;
      values.push({ name, type: headerType(member), value });
    }
    return { type, contentType, headers: values, payload: write(event) };
  };
}

interface PayloadWriter {
  readonly contentType: string | undefined;
  readonly write: (event: Readonly<Record<string, unknown>>) => string | Uint8Array;
}

function payloadWriter(
  shape: StructureShape,
  operation: OperationModel,
  format: BodyFormat,
): PayloadWriter {
  const payload = shape.members.find(({ eventPayload }) => eventPayload);
  if (payload === undefined) {
    const members = documentMembers(shape);
    if (members.length === 0) return { contentType: undefined, write: () => "" };
    const write = format.compileBody(operation, shape, members);
    return { contentType: format.contentType, write: (event) => write(event) ?? "" };
  }
  const { name } = payload;
  if (payload.shape.kind === "blob") {
    return {
      contentType: "application/octet-stream",
      write: (event) => blobBytes(event[name] ?? ""),
    };
  }
  if (payload.shape.kind === "string") {
    const text: (value: unknown) => string = String;
    return { contentType: "text/plain", write: (event) => text(event[name] ?? "") };
  }
  const write = format.compilePayload(operation, shape, payload);
  return {
    contentType: format.contentType,
    write(event) {
      const value = event[name];
      return value === undefined || value === null ? "" : write(value);
    },
  };
}

function headerType({ shape }: Member): EventHeader["type"] {
  const { kind } = shape;
  const typed = kind === "boolean" || kind === "integer" || kind === "long";
  return typed || kind === "blob" || kind === "timestamp" ? kind : "string";
}
