import type { Member, OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import { bytesOf } from "./bytes.ts";
import { compileErrors, type ErrorMembersReader, headerOf } from "./error-shape.ts";
import { compileEventInput, compileEventOutput } from "./event-payload.ts";
import { compileHostPrefix } from "./host-prefix.ts";
import { compileHeadersReader } from "./http-binding-response.ts";
import { compileFields, compilePath, planRequest } from "./http-binding-request.ts";
import type {
  BufferedResponse,
  CompileOptions,
  Input,
  OperationCodec,
  Output,
  RequestDraft,
} from "./protocol.ts";

/**
 * The format of the bodies of a protocol with HTTP bindings: what restJson and restXml do not
 * share. All functions that compile are called once per operation and may return generated code.
 */
export interface BodyFormat {
  /** Content type of a document in this format: `application/json`, `application/xml`. */
  readonly contentType: string;
  /**
   * What is sent when the input has members (or a structure payload) for the body and none is set;
   * `undefined`: nothing, without a content type.
   */
  readonly emptyBody: string | undefined;
  /**
   * Writes the members of the input that are not bound elsewhere (`members`, at least one) as one
   * document. Gives `undefined` when none is set and `emptyBody` applies.
   */
  compileBody(
    operation: OperationModel,
    input: StructureShape,
    members: readonly Member[],
  ): (input: Input) => string | Uint8Array | undefined;
  /** Writes the value of the payload member (a structure, list, map or document) as one document. */
  compilePayload(
    operation: OperationModel,
    input: StructureShape,
    payload: Member,
  ): (value: unknown) => string | Uint8Array;
  /**
   * Reads a document into an object with those of `members` that are present. Also used for error
   * structures and for the events of streams. An empty body gives an empty object.
   * The function throws `ResponseParseError`.
   */
  compileBodyReader(shape: StructureShape, members: readonly Member[]): (body: Buffer) => Output;
  /**
   * Reads a document as the value of a payload member (structure, list, map or document);
   * `undefined` when the body is empty. The function throws `ResponseParseError`.
   */
  compilePayloadReader(shape: StructureShape, payload: Member): (body: Buffer) => unknown;
  /** Reads what an error response says, apart from what is bound to headers. Never throws. */
  readError(response: BufferedResponse): ErrorBody;
}

/** What the body (and the error headers) of an error response say. */
export interface ErrorBody {
  /** Not cut yet; `undefined` when the body is not the protocol's. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly requestId?: string | undefined;
  /** Goes to `ParsedError.extra`. */
  readonly extra?: Readonly<Record<string, string>> | undefined;
  /** The service said whose fault it is (query's `Type`). */
  readonly fault?: "client" | "server" | undefined;
  /** Bytes of the document with the members of the error's structure, for `compileBodyReader`. */
  readonly document: Buffer;
}

/**
 * Compiles one operation of a protocol with HTTP bindings: labels, query, headers, host prefix,
 * payload and status code are handled here; documents by `format`.
 */
export function compileHttpBinding(
  service: ServiceModel,
  operation: OperationModel,
  format: BodyFormat,
  options: CompileOptions,
): OperationCodec {
  const { output } = operation;
  const payload = output?.members.find(({ name }) => name === output.payload);
  const streams = payload?.streaming === true && !isEventStream(payload);
  const readError = compileErrors(service, operation, (shape) =>
    compileErrorMembers(shape, format, options),
  );
  return {
    serialize: compileRequest(operation, format, options),
    parse: compileResponse(output, payload, format, options),
    parseError: (response) => readError(response, format.readError(response)),
    streamingOutput: streams ? payload.name : undefined,
    eventOutput: compileEventOutput(service, operation, format),
    eventInput: compileEventInput(operation, format),
  };
}

/** Members that no part of the request or response but the body takes. */
function bodyMembers(shape: StructureShape): readonly Member[] {
  return shape.members.filter(
    ({ location, name }) => location === undefined && name !== shape.payload,
  );
}

/** In a response nothing travels in the URI: members bound to it are in the body. */
function responseBodyMembers(shape: StructureShape): readonly Member[] {
  return shape.members.filter(
    ({ location, name }) =>
      (location === undefined || location === "querystring" || location === "uri") &&
      name !== shape.payload,
  );
}

function isEventStream({ shape }: Member): boolean {
  return shape.kind === "structure" && shape.eventStream === true;
}

/** A body and the content type that it has unless the input gives one. */
interface Body {
  readonly write: (input: Input) => RequestDraft["body"];
  readonly contentType: string;
}

function compileRequest(
  operation: OperationModel,
  format: BodyFormat,
  options: CompileOptions,
): OperationCodec["serialize"] {
  const plan = planRequest(operation);
  const { constants } = plan;
  const path = compilePath(plan, options);
  const query = compileFields(plan.query, options);
  const before = compileFields(plan.headersBefore, options);
  const after = compileFields(plan.headersAfter, options);
  const body = compileBody(operation, format);
  const hostPrefix = compileHostPrefix(operation);
  return (input, draft) => {
    draft.method = operation.method;
    draft.path = path(input);
    for (const pair of constants) draft.query.push(pair);
    if (query !== undefined) query(input, draft.query);
    if (hostPrefix !== undefined) draft.hostPrefix = hostPrefix(input);
    const { headers } = draft;
    if (before !== undefined) before(input, headers);
    if (body !== undefined) {
      draft.body = body.write(input);
      // The input's own content type, if any, is the last header so far.
      if (draft.body !== undefined && headers[headers.length - 2] !== "content-type") {
        headers.push("content-type", body.contentType);
      }
    }
    if (after !== undefined) after(input, headers);
  };
}

function compileBody(operation: OperationModel, format: BodyFormat): Body | undefined {
  const { input } = operation;
  if (input === undefined) return undefined;
  const payload = input.members.find(({ name }) => name === input.payload);
  if (payload !== undefined) return compilePayload(operation, input, payload, format);
  const members = bodyMembers(input);
  if (members.length === 0) return undefined;
  const write = format.compileBody(operation, input, members);
  return { write: (value) => write(value) ?? format.emptyBody, contentType: format.contentType };
}

function compilePayload(
  operation: OperationModel,
  input: StructureShape,
  payload: Member,
  format: BodyFormat,
): Body {
  const { name, shape } = payload;
  if (isEventStream(payload)) {
    return {
      write: (value) => ({ source: value[name] }),
      contentType: "application/vnd.amazon.eventstream",
    };
  }
  if (shape.kind === "blob" || shape.kind === "string") {
    const text = shape.kind === "string";
    const contentType = payload.mediaType ?? (text ? "text/plain" : "application/octet-stream");
    return { write: (value) => rawBody(value[name]), contentType };
  }
  const write = format.compilePayload(operation, input, payload);
  // An unset structure is an empty document; an unset union would not be a valid one.
  const union = shape.kind === "structure" && shape.union === true;
  const absent = shape.kind === "structure" && !union ? format.emptyBody : undefined;
  return {
    write(value) {
      const member = value[name];
      return member === undefined || member === null ? absent : write(member);
    },
    contentType: format.contentType,
  };
}

/** Text and bytes as they are; anything else is a source of bytes. */
function rawBody(value: unknown): RequestDraft["body"] {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string") return value;
  return bytesOf(value) ?? { source: value };
}

function compileResponse(
  output: StructureShape | undefined,
  payload: Member | undefined,
  format: BodyFormat,
  { generateCode }: CompileOptions,
): OperationCodec["parse"] {
  if (output === undefined) return () => ({});
  const readHeaders = compileHeadersReader(output.members, generateCode);
  const readBody = compileResponseBody(output, payload, format);
  return (response) => {
    const result = readBody(response.body, response.headers);
    if (readHeaders !== undefined) readHeaders(response.status, response.headers, result);
    return result;
  };
}

type BodyReader = (body: Buffer, headers: readonly string[]) => Output;

function compileResponseBody(
  output: StructureShape,
  payload: Member | undefined,
  format: BodyFormat,
): BodyReader {
  if (payload === undefined) {
    const members = responseBodyMembers(output);
    return members.length === 0 ? () => ({}) : format.compileBodyReader(output, members);
  }
  const { name, shape } = payload;
  if (payload.streaming === true || isEventStream(payload)) return () => ({});
  if (shape.kind === "blob") {
    return (body, headers) => (hasBody(body, headers) ? { [name]: body } : {});
  }
  if (shape.kind === "string") {
    return (body, headers) => (hasBody(body, headers) ? { [name]: body.toString("utf8") } : {});
  }
  const read = format.compilePayloadReader(output, payload);
  return (body) => {
    const value = read(body);
    return value === undefined ? {} : { [name]: value };
  };
}

/** A body of no bytes is an empty value if the response has one (RFC 9112, section 6.3). */
function hasBody(body: Buffer, headers: readonly string[]): boolean {
  if (body.length > 0) return true;
  const length = headerOf(headers, "content-length") ?? headerOf(headers, "transfer-encoding");
  return length !== undefined;
}

function compileErrorMembers(
  shape: StructureShape,
  format: BodyFormat,
  { generateCode }: CompileOptions,
): ErrorMembersReader {
  const readHeaders = compileHeadersReader(shape.members, generateCode);
  const members = responseBodyMembers(shape);
  const readBody = members.length === 0 ? () => ({}) : format.compileBodyReader(shape, members);
  return (response, { document }) => {
    const result: Output = readBody(document);
    if (readHeaders !== undefined) readHeaders(response.status, response.headers, result);
    return result;
  };
}
