import type {
  ErrorTrait,
  OperationModel,
  ScalarKind,
  ServiceMetadata,
  TimestampFormat,
  XmlNamespace,
} from "./model.ts";

/**
 * What a file `models/<service>.json` holds: botocore's model without documentation and constraints.
 * `compact-model.ts` writes it, `read-model.ts` reads it. Shapes refer to each other by name, so that
 * a new shape changes no other line; scalars are numbers, the index in `scalarKinds`.
 */
export interface CompactModel {
  readonly metadata: ServiceMetadata;
  readonly operations: Readonly<Record<string, CompactOperation>>;
  /** Names of the error structures; operations refer to them by index. */
  readonly errors: readonly string[];
  readonly shapes: Readonly<Record<string, CompactShape>>;
  readonly paginators: Readonly<Record<string, CompactPaginator>>;
  readonly waiters: Readonly<Record<string, CompactWaiter>>;
  readonly endpointRules: CompactRules | null;
}

/** botocore's rule set; its rules refer to conditions by their index. */
export interface CompactRules {
  /** Those that some rule reads. */
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly conditions: readonly unknown[];
  readonly rules: readonly CompactRule[];
}

export interface CompactRule {
  readonly conditions: readonly number[];
  readonly rules?: readonly CompactRule[];
}

type OperationTraits = Omit<
  OperationModel,
  "name" | "method" | "requestUri" | "responseCode" | "input" | "output" | "errors"
>;

/** An operation; the members of `OperationModel` that are not named here have the same names. */
export interface CompactOperation extends OperationTraits {
  /** Method; absent: POST. */
  readonly m?: string;
  /** Request URI; absent: `/`. */
  readonly u?: string;
  /** Status of success; absent: 200. */
  readonly c?: number;
  /** Name of the input's shape. */
  readonly i?: string;
  /** Name of the output's shape. */
  readonly o?: string;
  /** Indexes in `errors`. */
  readonly e?: readonly number[];
}

/** The name of a structure, list or map, or the index of a scalar in `scalarKinds`. */
export type CompactRef = string | number;

export type CompactShape = CompactStructure | CompactList | CompactMap;

/**
 * Members one after the other: name (`*` in front: required), reference, then traits if there are
 * any. The traits of the structure itself come first, if there are any.
 */
export type CompactStructure = readonly (string | number | MemberTraits | StructureTraits)[];

/** Traits of a structure, by their names in `StructureShape`. */
export interface StructureTraits {
  readonly union?: boolean;
  readonly eventStream?: boolean;
  readonly payload?: string;
  readonly error?: ErrorTrait;
  readonly xmlName?: string;
  readonly xmlNamespace?: XmlNamespace;
}

export interface CompactList {
  /** The items: reference and traits. */
  readonly l: readonly [CompactRef, MemberTraits?];
  readonly f?: 1;
  readonly sparse?: 1;
}

export interface CompactMap {
  readonly k: readonly [CompactRef, MemberTraits?];
  readonly v: readonly [CompactRef, MemberTraits?];
  readonly f?: 1;
  readonly sparse?: 1;
}

/** A wire name; 1 when it is the member's name. */
export type WireName = string | 1;

/** Traits of a member. At most one of `h`, `H`, `q`, `u`, `s`, `n`: where it travels, by which name. */
export interface MemberTraits {
  readonly h?: WireName;
  /** Prefix of headers. */
  readonly H?: string;
  readonly q?: WireName;
  readonly u?: WireName;
  /** The status of the response. */
  readonly s?: 1;
  readonly n?: WireName;
  /** Name in ec2. */
  readonly Q?: string;
  /** Index in `timestampFormats`. */
  readonly t?: number;
  readonly f?: 1;
  /** An XML attribute. */
  readonly a?: 1;
  readonly x?: XmlNamespace;
  readonly streaming?: 1;
  readonly requiresLength?: 1;
  /** Idempotency token. */
  readonly i?: 1;
  readonly hostLabel?: 1;
  readonly json?: 1;
  readonly eventPayload?: 1;
  readonly eventHeader?: 1;
  /** Sensitive. */
  readonly z?: 1;
  /** Name of the parameter of the endpoint rules. */
  readonly p?: WireName;
  readonly mediaType?: string;
}

/** Input tokens, output tokens, result keys, limit key, more-results key, non-aggregate keys; 0: none. */
export type CompactPaginator = readonly [
  input: readonly string[],
  output: readonly string[],
  results: readonly string[],
  limit?: string | 0,
  more?: string | 0,
  rest?: readonly string[],
];

/** Operation, delay in seconds, attempts, then acceptors: state, matcher, expected, argument. */
export type CompactWaiter = readonly [
  operation: string,
  delay: number,
  maxAttempts: number,
  acceptors: readonly (readonly [string, string, unknown, string?])[],
];

export const scalarKinds: readonly ScalarKind[] = [
  "string",
  "boolean",
  "integer",
  "long",
  "float",
  "double",
  "timestamp",
  "blob",
  "document",
  "bigInteger",
  "bigDecimal",
];

export const timestampFormats: readonly TimestampFormat[] = ["unixTimestamp", "iso8601", "rfc822"];
