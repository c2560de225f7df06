/** What a response says of itself, and what the call took. */
export interface ResponseMetadata {
  readonly httpStatusCode?: number | undefined;
  readonly requestId?: string | undefined;
  readonly extendedRequestId?: string | undefined;
  readonly cfId?: string | undefined;
  /** Attempts made; 1 for no retry. */
  readonly attempts: number;
  /** Milliseconds spent waiting between attempts. */
  readonly totalRetryDelay: number;
  /** The retry quota was empty: the error is not the service's last word. */
  readonly retryQuotaExceeded?: boolean | undefined;
  /** Headers of the response by lower-case name; not enumerable. */
  readonly httpHeaders?: Readonly<Record<string, string>> | undefined;
}

/** What every error of this package has. */
export abstract class AwsClientError extends Error {
  /** Set on errors that end a call. */
  $metadata?: ResponseMetadata | undefined;
  /** Set on errors that end an upload or a copy in parts: which one it was. */
  declare readonly uploadId?: string | undefined;
  /** Set where its parts could not be removed, and are still on the server: why. */
  declare readonly abortError?: unknown;
}

/** What a service error is made of. */
export interface ServiceErrorFields {
  readonly name: string;
  readonly code: string;
  readonly message: string;
  readonly fault: "client" | "server";
  readonly service: string;
  readonly operation: string;
  readonly retryable: boolean;
  readonly throttling: boolean;
  readonly members?: Readonly<Record<string, unknown>> | undefined;
}

/**
 * The service answered with an error. `name` is the error's name in the model, or the code when the
 * model does not have it; `code` is the code on the wire. Members of the error's shape are own
 * properties.
 */
export class ServiceError extends AwsClientError {
  readonly code: string;
  readonly $fault: "client" | "server";
  readonly $service: string;
  readonly $operation: string;
  readonly retryable: boolean;
  readonly throttling: boolean;

  constructor(fields: ServiceErrorFields) {
    super(fields.message);
    for (const [key, value] of Object.entries(fields.members ?? {})) {
      if (key in this) continue;
      Object.defineProperty(this, key, { value, enumerable: true, configurable: true });
    }
    this.name = fields.name;
    this.code = fields.code;
    this.$fault = fields.fault;
    this.$service = fields.service;
    this.$operation = fields.operation;
    this.retryable = fields.retryable;
    this.throttling = fields.throttling;
  }

  get requestId(): string | undefined {
    return this.$metadata?.requestId;
  }

  get statusCode(): number | undefined {
    return this.$metadata?.httpStatusCode;
  }
}

/** One thing that is wrong with an input. */
export interface ParamProblem {
  /** `Delete.Objects[3].Key`. */
  readonly path: string;
  readonly message: string;
}

/** The input does not fit the operation; nothing was sent. */
export class ParamValidationError extends AwsClientError {
  override readonly name = "ParamValidationError";
  readonly problems: readonly ParamProblem[];

  constructor(operation: string, problems: readonly ParamProblem[]) {
    const list = problems
      .map(({ path, message }) => (path === "" ? `the input ${message}` : `${path}: ${message}`))
      .join("; ");
    super(`Cannot call ${operation}: ${list}`);
    this.problems = problems;
  }

  /** Path of the first problem. */
  get path(): string {
    return this.problems[0]?.path ?? "";
  }
}

/** What one credential provider said. */
export interface ProviderReport {
  readonly provider: string;
  readonly message: string;
}

/** No provider had credentials, or one that applies failed. */
export class CredentialsError extends AwsClientError {
  override readonly name = "CredentialsError";
  readonly providers: readonly ProviderReport[];

  constructor(message: string, providers: readonly ProviderReport[] = [], cause?: unknown) {
    super(message, { cause });
    this.providers = providers;
  }
}

/** The configuration cannot be used: a file, a profile, a region, an option. */
export class ConfigurationError extends AwsClientError {
  override readonly name = "ConfigurationError";
}

/** The endpoint rules refuse the input. */
export class EndpointError extends AwsClientError {
  override readonly name = "EndpointError";
}

/** Where a connection failed. */
export interface ConnectionErrorFields {
  /** `ECONNREFUSED`, `ENOTFOUND`, a TLS code, or ours: `EPROTO`, `ECONNRESET`. */
  readonly code: string;
  readonly host: string;
  readonly port: number;
  readonly cause?: unknown;
}

/** No connection, a lost connection, or an answer that is not HTTP. */
export class ConnectionError extends AwsClientError {
  override readonly name = "ConnectionError";
  readonly code: string;
  readonly host: string;
  readonly port: number;

  constructor(message: string, { code, host, port, cause }: ConnectionErrorFields) {
    super(message, { cause });
    this.code = code;
    this.host = host;
    this.port = port;
  }
}

/** The limits of §2.2, by the name of their option. */
export type LimitName =
  | "timeout"
  | "attemptTimeout"
  | "connectTimeout"
  | "bodyTimeout"
  | "maxWaitTime";

/** A limit ended the call. */
export class TimeoutError extends AwsClientError {
  override readonly name = "TimeoutError";
  readonly limit: LimitName;
  readonly ms: number;
  /** A waiter's: output or error of the last attempt; not enumerable. */
  declare readonly reason?: unknown;

  constructor(message: string, limit: LimitName, ms: number, reason?: unknown) {
    super(message);
    this.limit = limit;
    this.ms = ms;
    if (reason !== undefined) {
      Object.defineProperty(this, "reason", { value: reason, enumerable: false });
    }
  }
}

/** The caller's signal ended the call; `cause` is the signal's reason. */
export class AbortError extends AwsClientError {
  override readonly name = "AbortError";

  constructor(reason: unknown) {
    super("The call was aborted", { cause: reason });
  }
}

/** The bytes that arrived are not those that were sent. */
export class ChecksumError extends AwsClientError {
  override readonly name = "ChecksumError";
  readonly algorithm: string;
  readonly expected: string;
  readonly actual: string;
  /** Another attempt may do better; not so when it is the request that arrived damaged. */
  readonly repeatable: boolean;

  constructor(
    algorithm: string,
    expected: string,
    actual: string,
    { repeatable = true }: { readonly repeatable?: boolean } = {},
  ) {
    super(
      `Cannot accept the response: its ${algorithm} is "${actual}", the service says "${expected}"`,
    );
    this.repeatable = repeatable;
    this.algorithm = algorithm;
    this.expected = expected;
    this.actual = actual;
  }
}

/** A body that is not what the protocol says. */
export class ResponseParseError extends AwsClientError {
  override readonly name = "ResponseParseError";
  /** First KiB of the body; not enumerable. */
  declare readonly body: string;

  constructor(message: string, body: Uint8Array | string, cause?: unknown) {
    super(message, { cause });
    const start =
      typeof body === "string"
        ? body.slice(0, 1024)
        : Buffer.from(body.subarray(0, 1024)).toString();
    Object.defineProperty(this, "body", { value: start, enumerable: false });
  }
}

/** A call after `close`. */
export class ClientClosedError extends AwsClientError {
  override readonly name = "ClientClosedError";
}

/** The pages of an operation do not come to an end: the same token came twice in a row. */
export class PaginationError extends AwsClientError {
  override readonly name = "PaginationError";
}

/** The wanted state cannot come any more, or did not come in as many attempts as were allowed. */
export class WaiterError extends AwsClientError {
  override readonly name = "WaiterError";
  /** The waiter: `BucketExists`. */
  readonly waiter: string;
  /** `failure`: an answer means that the state cannot come; `attempts`: none meant anything final. */
  readonly state: "failure" | "attempts";
  readonly attempts: number;
  /** Output or error of the last attempt; not enumerable. */
  declare readonly reason: unknown;

  constructor(message: string, { waiter, state, attempts, reason }: WaiterErrorFields) {
    super(message, reason instanceof Error ? { cause: reason } : undefined);
    this.waiter = waiter;
    this.state = state;
    this.attempts = attempts;
    Object.defineProperty(this, "reason", { value: reason, enumerable: false });
  }
}

/** How a waiter ended. */
export interface WaiterErrorFields {
  readonly waiter: string;
  readonly state: "failure" | "attempts";
  readonly attempts: number;
  readonly reason: unknown;
}
