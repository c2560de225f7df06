/** What botocore's files hold, as far as it is read here. Its name for the format is C2J. */
export interface C2jService {
  readonly metadata: C2jMetadata;
  readonly operations: Readonly<Record<string, C2jOperation>>;
  readonly shapes: Readonly<Record<string, C2jShape>>;
  readonly clientContextParams?: Readonly<Record<string, { readonly type: string }>>;
  readonly documentation?: string;
}

/** Members are optional where the documents of protocol tests have none. */
export interface C2jMetadata {
  readonly apiVersion?: string;
  readonly serviceId?: string;
  readonly endpointPrefix?: string;
  readonly signingName?: string;
  readonly protocol?: string;
  readonly protocols?: readonly string[];
  readonly jsonVersion?: string;
  readonly targetPrefix?: string;
  readonly xmlNamespace?: string | C2jXmlNamespace;
  readonly awsQueryCompatible?: unknown;
  readonly globalEndpoint?: string;
  readonly signatureVersion?: string;
  readonly auth?: readonly string[];
  readonly protocolSettings?: { readonly h2?: string };
}

export interface C2jXmlNamespace {
  readonly uri: string;
  readonly prefix?: string;
}

export interface C2jOperation {
  readonly name: string;
  readonly http?: {
    readonly method?: string;
    readonly requestUri?: string;
    readonly responseCode?: number;
  };
  readonly input?: C2jRef;
  readonly output?: C2jRef & { readonly resultWrapper?: string };
  readonly errors?: readonly (C2jRef & { readonly error?: C2jError })[];
  readonly idempotent?: boolean;
  readonly deprecated?: boolean;
  readonly endpoint?: { readonly hostPrefix?: string };
  readonly authtype?: string;
  readonly auth?: readonly string[];
  readonly unsignedPayload?: boolean;
  readonly httpChecksumRequired?: boolean;
  readonly httpChecksum?: {
    readonly requestAlgorithmMember?: string;
    readonly requestChecksumRequired?: boolean;
    readonly requestValidationModeMember?: string;
    readonly responseAlgorithms?: readonly string[];
  };
  readonly requestcompression?: { readonly encodings?: readonly string[] };
  readonly staticContextParams?: Readonly<Record<string, { readonly value: unknown }>>;
  readonly operationContextParams?: Readonly<Record<string, { readonly path: string }>>;
  readonly endpointdiscovery?: { readonly required?: boolean };
  readonly endpointoperation?: boolean;
  readonly documentation?: string;
}

export interface C2jError {
  readonly code?: string;
  readonly httpStatusCode?: number;
  readonly senderFault?: boolean;
}

/** Traits that a reference and the shape it refers to can both have. */
interface C2jSharedTraits {
  readonly locationName?: string;
  readonly queryName?: string;
  readonly timestampFormat?: string;
  readonly flattened?: boolean;
  readonly xmlNamespace?: string | C2jXmlNamespace;
  readonly xmlAttribute?: boolean;
  readonly streaming?: boolean;
  readonly requiresLength?: boolean;
  readonly jsonvalue?: boolean;
  readonly sensitive?: boolean;
  readonly mediaType?: string;
  readonly deprecated?: boolean;
  readonly documentation?: string;
}

export interface C2jRef extends C2jSharedTraits {
  readonly shape: string;
  readonly location?: string;
  readonly idempotencyToken?: boolean;
  readonly hostLabel?: boolean;
  readonly eventpayload?: boolean;
  readonly eventheader?: boolean;
  readonly contextParam?: { readonly name: string };
}

export interface C2jShape extends C2jSharedTraits {
  readonly type: string;
  readonly members?: Readonly<Record<string, C2jRef>>;
  readonly member?: C2jRef;
  readonly key?: C2jRef;
  readonly value?: C2jRef;
  readonly required?: readonly string[];
  readonly enum?: readonly string[];
  readonly payload?: string;
  readonly union?: boolean;
  readonly document?: boolean;
  readonly eventstream?: boolean;
  readonly sparse?: boolean;
  readonly exception?: boolean;
  readonly fault?: boolean;
  readonly error?: C2jError;
  readonly retryable?: { readonly throttling?: boolean };
  /** Ours: the type in the declarations, where the client takes more than the service. */
  readonly declared?: string;
}

/** botocore's `paginators-1.json`. */
export interface C2jPaginators {
  readonly pagination: Readonly<Record<string, C2jPaginator>>;
}

export interface C2jPaginator {
  readonly input_token: string | readonly string[];
  readonly output_token: string | readonly string[];
  readonly result_key: string | readonly string[];
  readonly limit_key?: string;
  readonly more_results?: string;
  readonly non_aggregate_keys?: readonly string[];
}

/** botocore's `waiters-2.json`. */
export interface C2jWaiters {
  readonly waiters: Readonly<Record<string, C2jWaiter>>;
}

export interface C2jWaiter {
  readonly operation: string;
  readonly delay: number;
  readonly maxAttempts: number;
  readonly acceptors: readonly {
    readonly state: string;
    readonly matcher: string;
    readonly expected: unknown;
    readonly argument?: string;
  }[];
}

/** All that botocore says of one service, extras merged in. */
export interface C2jBundle {
  readonly service: C2jService;
  readonly endpointRules?: unknown;
  readonly paginators?: C2jPaginators | undefined;
  readonly waiters?: C2jWaiters | undefined;
}
