import type { OperationModel, ServiceModel } from "../model/model.ts";

/** An input as the caller gave it. */
export type Input = Readonly<Record<string, unknown>>;

/** An output: the modelled members that were present. */
export type Output = Record<string, unknown>;

/** A request before it has an endpoint, checksums and a signature. A codec fills it. */
export interface RequestDraft {
  method: string;
  /** Percent-encoded, starts with `/`; no query, no base path of the endpoint. */
  path: string;
  /** Encoded pairs (`name=value`, or `name` alone for a constant without value), in the model's order. */
  query: string[];
  /** Names in lower case and their values, alternating; each name once. */
  headers: string[];
  /**
   * `undefined`: none. A string is UTF-8 text. `unknown` is what the caller gave for a streaming
   * member and is neither text nor bytes: `StreamingInput` says what it may be.
   */
  body: string | Uint8Array | StreamingInput | undefined;
  /** Goes before the endpoint's host, labels filled in: `data-`; empty for none. */
  hostPrefix: string;
}

/** The value of a streaming member that is neither text nor bytes, or an event stream's events. */
export interface StreamingInput {
  readonly source: unknown;
}

/** A response whose body has been read. */
export interface BufferedResponse {
  readonly status: number;
  /** Names in lower case and their values, alternating, in the order of arrival. */
  readonly headers: readonly string[];
  readonly body: Buffer;
}

/** What an error response says, before it becomes a `ServiceError`. */
export interface ParsedError {
  /** Code on the wire, cut as §6 says. */
  code: string;
  /** Name of the error's shape if the service models it; else the code. */
  name: string;
  message: string;
  /** Members of the error's shape, except the message. */
  members: Output;
  requestId?: string | undefined;
  fault: "client" | "server";
  /** From the model's retryable trait. */
  retryable?: boolean | undefined;
  throttling?: boolean | undefined;
  /** `Type` of a query-compatible error; `Error` elements beyond the shape (S3 `Region`, `ServerTime`). */
  extra?: Readonly<Record<string, string>> | undefined;
}

/** One operation, compiled for one protocol. */
export interface OperationCodec {
  /** Fills the draft. The input has been validated, or its labels checked, before. */
  serialize(input: Input, draft: RequestDraft): void;
  /**
   * Reads an answer of success. The member of a streaming output (`streamingOutput`) is not set;
   * the caller of `parse` sets it, and `body` is then empty.
   * @throws ResponseParseError when the body is not what the protocol says.
   */
  parse(response: BufferedResponse): Output;
  /** Reads an answer of failure; never throws: a body of another form gives the status as code. */
  parseError(response: BufferedResponse): ParsedError;
  /** The output member that is a stream of bytes, if there is one. */
  readonly streamingOutput: string | undefined;
  /** The output member that is a stream of events, and how an event's frame becomes its object. */
  readonly eventOutput: EventOutput | undefined;
  /** The input member that is a stream of events, if there is one. */
  readonly eventInput?: EventInput | undefined;
}

/** A stream of events in an input. Frames are written by `event-stream/`. */
export interface EventInput {
  readonly member: string;
  /**
   * An event as the caller gives it, an object with one member: the event's type.
   * @throws TypeError for anything else, or an event that the model does not have
   */
  serializeEvent(event: unknown): EventMessage;
  /** RPC protocols: payload of the first event `initial-request`, the other members of the input. */
  serializeInitialRequest?: ((input: Input) => string | Uint8Array) | undefined;
}

/** What a frame of an event holds, beside `:message-type`. */
export interface EventMessage {
  /** Value of `:event-type`. */
  readonly type: string;
  /** Value of `:content-type`; `undefined`: no payload is modelled. */
  readonly contentType: string | undefined;
  readonly headers: readonly EventHeader[];
  readonly payload: string | Uint8Array;
}

/** A modelled header of an event. */
export interface EventHeader {
  readonly name: string;
  readonly type: "boolean" | "integer" | "long" | "blob" | "string" | "timestamp";
  readonly value: unknown;
}

/** A stream of events in an output. Frames are read by `event-stream/`. */
export interface EventOutput {
  readonly member: string;
  /** An event by its `:event-type`; unknown types give `{ $unknown: [type, payload] }`. */
  parseEvent(type: string, headers: ReadonlyMap<string, unknown>, payload: Buffer): Output;
  /** An exception by its `:exception-type`. */
  parseException(type: string, headers: ReadonlyMap<string, unknown>, payload: Buffer): ParsedError;
  /** RPC protocols: the first event `initial-response` holds the other members of the output. */
  parseInitialResponse(payload: Buffer): Output;
}

/** How a protocol is compiled. */
export interface CompileOptions {
  /** Generate source with `new Function`; off: closures. Default: whether the process allows it. */
  readonly generateCode: boolean;
  /** Makes idempotency tokens. */
  readonly newToken: () => string;
  /** JSON protocols: shapes (by name) whose values are written and read by other rules than the model's. */
  readonly customShapes?: ReadonlyMap<string, CustomShape> | undefined;
}

/** Rules for the values of one shape in JSON. */
export interface CustomShape {
  /** JSON text of a value. */
  write(value: unknown): string;
  /** The value of what `JSON.parse` gave. */
  read(json: unknown): unknown;
}

/** A protocol: a factory of codecs. */
export type Protocol = (
  service: ServiceModel,
  operation: OperationModel,
  options: CompileOptions,
) => OperationCodec;
