/**
 * The model of one service, as the compilers read it. Made from the compact file of the service
 * (`models/<service>.json`) by `readModel`; the generator makes that file from botocore's data.
 */
export interface ServiceModel {
  /** The service's name in botocore, which is its file's name: `s3`, `stepfunctions`. */
  readonly name: string;
  readonly metadata: ServiceMetadata;
  /** Names of the operations, as in the model (`GetObject`). */
  readonly operationNames: readonly string[];
  /** One operation; `undefined` for a name that the model does not have. The same object each time. */
  operation(name: string): OperationModel | undefined;
  /** The error structures of the service that any operation can answer with, by shape name. */
  readonly errors: ReadonlyMap<string, StructureShape>;
  /** The endpoint rule set in botocore's form; read on first use. */
  readonly endpointRules: unknown;
  /** botocore's paginators by operation name. */
  readonly paginators: Readonly<Record<string, PaginatorModel>>;
  /** botocore's waiters by waiter name (`BucketExists`). */
  readonly waiters: Readonly<Record<string, WaiterModel>>;
}

/** A protocol's name, as in botocore's `metadata.protocols`. */
export type ProtocolName =
  | "json"
  | "rest-json"
  | "rest-xml"
  | "query"
  | "ec2"
  | "smithy-rpc-v2-cbor";

/** What a model says of its service. Absent members are absent in the model. */
export interface ServiceMetadata {
  readonly apiVersion: string;
  /** `S3`, `Application Auto Scaling`. */
  readonly serviceId: string;
  readonly endpointPrefix: string;
  readonly signingName: string;
  /** All protocols of the service, in the model's order. */
  readonly protocols: readonly ProtocolName[];
  /** `1.0` or `1.1` for the protocol `json`. */
  readonly jsonVersion?: string | undefined;
  readonly targetPrefix?: string | undefined;
  /** Namespace of the root element in restXml. */
  readonly xmlNamespace?: string | undefined;
  /** The service answers with query error codes too (`x-amzn-query-error`). */
  readonly queryCompatible?: boolean | undefined;
  readonly globalEndpoint?: string | undefined;
  /** `v4`, `s3`, `bearer`, … botocore's `signatureVersion`. */
  readonly signatureVersion?: string | undefined;
  /** Smithy names of the authentication schemes, in order of preference (`aws.auth#sigv4`). */
  readonly auth?: readonly string[] | undefined;
  /** `clientContextParams` of the rule set: name to type. */
  readonly clientContextParams?: Readonly<Record<string, { readonly type: string }>> | undefined;
}

/** One operation of a service. */
export interface OperationModel {
  readonly name: string;
  readonly method: string;
  /** Request URI with its labels and constant query: `/{Bucket}/{Key+}?x=y`. */
  readonly requestUri: string;
  /** Status of success in the model, 200 when it says none. */
  readonly responseCode: number;
  readonly input?: StructureShape | undefined;
  readonly output?: StructureShape | undefined;
  /** C2J's `input.locationName` and `input.xmlNamespace`: root element of the request in restXml. */
  readonly inputName?: string | undefined;
  readonly inputNamespace?: XmlNamespace | undefined;
  /** Name of the element around the output in query. */
  readonly resultWrapper?: string | undefined;
  readonly errors: readonly StructureShape[];
  readonly hostPrefix?: string | undefined;
  /** `none`, `v4-unsigned-body`, `v4`, `bearer`, … botocore's `authtype`. */
  readonly authtype?: string | undefined;
  readonly auth?: readonly string[] | undefined;
  readonly unsignedPayload?: boolean | undefined;
  readonly idempotent?: boolean | undefined;
  /** A checksum must be sent (`httpChecksumRequired`, or `httpChecksum.requestChecksumRequired`). */
  readonly checksumRequired?: boolean | undefined;
  readonly checksum?: ChecksumTrait | undefined;
  /** Encodings for the body of large requests, `["gzip"]`. */
  readonly compression?: readonly string[] | undefined;
  readonly staticContextParams?: Readonly<Record<string, { readonly value: unknown }>> | undefined;
  /** Paths in the input (JMESPath) that give parameters to the endpoint rules. */
  readonly operationContextParams?: Readonly<Record<string, { readonly path: string }>> | undefined;
  readonly endpointDiscovery?: { readonly required: boolean } | undefined;
  readonly endpointOperation?: boolean | undefined;
  /** The operation is sent over HTTP/2 only (bidirectional event streams). */
  readonly requiresHttp2?: boolean | undefined;
  readonly deprecated?: boolean | undefined;
}

/** botocore's `httpChecksum`. Names of algorithms as in the model: `CRC32`, `SHA256`. */
export interface ChecksumTrait {
  readonly requestAlgorithmMember?: string | undefined;
  readonly requestChecksumRequired?: boolean | undefined;
  readonly requestValidationModeMember?: string | undefined;
  readonly responseAlgorithms?: readonly string[] | undefined;
}

export interface XmlNamespace {
  readonly uri: string;
  readonly prefix?: string | undefined;
}

/** A shape. Compare identities: a shape of the model is one object, so recursion can be cut. */
export type Shape = ScalarShape | StructureShape | ListShape | MapShape;

export type ScalarKind =
  | "string"
  | "boolean"
  | "integer"
  | "long"
  | "float"
  | "double"
  | "bigInteger"
  | "bigDecimal"
  | "timestamp"
  | "blob"
  | "document";

/** C2J's names: seconds since the epoch, ISO 8601, RFC 7231. */
export type TimestampFormat = "unixTimestamp" | "iso8601" | "rfc822";

export interface ScalarShape {
  readonly kind: ScalarKind;
}

export interface StructureShape {
  readonly kind: "structure";
  readonly name: string;
  readonly members: readonly Member[];
  /** Exactly one member may be set. */
  readonly union?: boolean | undefined;
  /** A union whose members are the events of a stream. */
  readonly eventStream?: boolean | undefined;
  /** Member whose value is the HTTP body (C2J `payload`). */
  readonly payload?: string | undefined;
  /** Set on structures that are errors. */
  readonly error?: ErrorTrait | undefined;
  /** Name of the element when the structure is itself the root (C2J shape `locationName`). */
  readonly xmlName?: string | undefined;
  readonly xmlNamespace?: XmlNamespace | undefined;
}

export interface ErrorTrait {
  /** Code on the wire where it differs from the shape's name (query, ec2, restXml; awsQueryCompatible). */
  readonly code?: string | undefined;
  readonly httpStatusCode?: number | undefined;
  readonly fault: "client" | "server";
  readonly retryable?: boolean | undefined;
  readonly throttling?: boolean | undefined;
}

export interface ListShape {
  readonly kind: "list";
  readonly name: string;
  /** The items; its `name` is empty. Its `wireName` is the item element's name, if modelled. */
  readonly member: Member;
  readonly flattened?: boolean | undefined;
  /** `null` items are kept. */
  readonly sparse?: boolean | undefined;
}

export interface MapShape {
  readonly kind: "map";
  readonly name: string;
  /** Wire names of `key` and `value`, if modelled. */
  readonly key: Member;
  readonly value: Member;
  readonly flattened?: boolean | undefined;
  readonly sparse?: boolean | undefined;
}

/**
 * A member of a structure, the items of a list, the keys or values of a map. Traits that C2J puts
 * on the referenced shape (timestampFormat, jsonvalue, sensitive, requiresLength, flattened,
 * streaming) are merged in: read them here.
 */
export interface Member {
  /** As in the input and output objects. */
  readonly name: string;
  readonly shape: Shape;
  readonly required?: boolean | undefined;
  /** Where it travels; absent: in the body. */
  readonly location?: "uri" | "querystring" | "header" | "headers" | "statusCode" | undefined;
  /** C2J `locationName`, when modelled. */
  readonly wireName?: string | undefined;
  /** C2J `queryName` (ec2). */
  readonly queryName?: string | undefined;
  readonly timestampFormat?: TimestampFormat | undefined;
  readonly flattened?: boolean | undefined;
  readonly xmlAttribute?: boolean | undefined;
  readonly xmlNamespace?: XmlNamespace | undefined;
  readonly streaming?: boolean | undefined;
  readonly requiresLength?: boolean | undefined;
  readonly idempotencyToken?: boolean | undefined;
  readonly hostLabel?: boolean | undefined;
  /** A JSON value carried in a header or string. */
  readonly jsonValue?: boolean | undefined;
  readonly eventPayload?: boolean | undefined;
  readonly eventHeader?: boolean | undefined;
  readonly sensitive?: boolean | undefined;
  /** Name of the endpoint rules' parameter that takes this member's value. */
  readonly contextParam?: string | undefined;
  /** Media type of a blob or string payload, if modelled. */
  readonly mediaType?: string | undefined;
}

/** botocore's paginator. Expressions: a name, dotted names, `name[-1].name`, `a || b[-1].c`. */
export interface PaginatorModel {
  readonly inputTokens: readonly string[];
  readonly outputTokens: readonly string[];
  readonly limitKey?: string | undefined;
  readonly moreResults?: string | undefined;
  readonly resultKeys: readonly string[];
  readonly nonAggregateKeys?: readonly string[] | undefined;
}

/** botocore's waiter. `delay` in seconds. */
export interface WaiterModel {
  readonly operation: string;
  readonly delay: number;
  readonly maxAttempts: number;
  readonly acceptors: readonly Acceptor[];
}

export interface Acceptor {
  readonly state: "success" | "failure" | "retry";
  readonly matcher: "path" | "pathAll" | "pathAny" | "status" | "error";
  /** JMESPath of the matchers `path…`. */
  readonly argument?: string | undefined;
  readonly expected: unknown;
}
