import type { Member, OperationModel, ServiceModel, StructureShape } from "../model/model.ts";
import type {
  BufferedResponse,
  CompileOptions,
  Input,
  OperationCodec,
  Output,
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
  ): (input: Input) => string | undefined;
  /** Writes the value of the payload member (a structure, list, map or document) as one document. */
  compilePayload(
    operation: OperationModel,
    input: StructureShape,
    payload: Member,
  ): (value: unknown) => string;
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
  void [service, operation, format, options];
  throw new Error("Cannot compile HTTP bindings: not there yet");
}
