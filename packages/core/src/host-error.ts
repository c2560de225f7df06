/** How one host error looks on the wire of the Invoke API. */
export interface HostErrorRule {
  readonly status: number;
  /** `Type` of the body; absent in errors that come from in front of the service. */
  readonly type: "User" | "Service" | undefined;
  /** The member that carries the text: AWS's service model differs from error to error. */
  readonly messageMember: "message" | "Message";
  /** Value of `x-amzn-ErrorType`, where it is not the code itself. */
  readonly wireName?: string;
}

export type HostErrorCode =
  | "InvalidParameterValueException"
  | "InvalidRequestContentException"
  | "ValidationException"
  | "AccessDeniedException"
  | "ResourceNotFoundException"
  | "ResourceConflictException"
  | "RequestTooLargeException"
  | "UnsupportedMediaTypeException"
  | "TooManyRequestsException"
  | "ServiceException"
  | "ServiceUnavailable";

/**
 * Why the host could not run the function, in AWS's names.
 *
 * Source: the AWS Lambda API model. `ServiceUnavailable` is ours: AWS's `ServiceException` with status
 * 503, for what passes by itself (draining, memory reserve, broker or store away); SDKs retry it.
 */
export const hostErrors: Readonly<Record<HostErrorCode, HostErrorRule>> = {
  InvalidParameterValueException: { status: 400, type: "User", messageMember: "message" },
  InvalidRequestContentException: { status: 400, type: "User", messageMember: "message" },
  ValidationException: { status: 400, type: undefined, messageMember: "message" },
  AccessDeniedException: { status: 403, type: undefined, messageMember: "Message" },
  ResourceNotFoundException: { status: 404, type: "User", messageMember: "Message" },
  ResourceConflictException: { status: 409, type: "User", messageMember: "message" },
  RequestTooLargeException: { status: 413, type: "User", messageMember: "message" },
  UnsupportedMediaTypeException: { status: 415, type: "User", messageMember: "message" },
  TooManyRequestsException: { status: 429, type: "User", messageMember: "message" },
  ServiceException: { status: 500, type: "Service", messageMember: "Message" },
  ServiceUnavailable: {
    status: 503,
    type: "Service",
    messageMember: "Message",
    wireName: "ServiceException",
  },
};

/** The `Reason` of a `TooManyRequestsException`. */
export type ThrottleReason =
  | "ConcurrentInvocationLimitExceeded"
  | "ReservedFunctionConcurrentInvocationLimitExceeded"
  | "FunctionInvocationRateLimitExceeded"
  | "ReservedFunctionInvocationRateLimitExceeded"
  | "CallerRateLimitExceeded";

export interface HostErrorOptions extends ErrorOptions {
  /** Only for `TooManyRequestsException`. */
  readonly reason?: ThrottleReason;
}

/**
 * The host could not run the function. Callers branch on `code`, never on text; a door renders it in
 * its own wire form, in one file.
 */
export class HostError extends Error {
  override readonly name: string = "HostError";
  readonly code: HostErrorCode;
  readonly reason: ThrottleReason | undefined;

  constructor(code: HostErrorCode, message: string, options: HostErrorOptions = {}) {
    super(message, options);
    this.code = code;
    this.reason = options.reason;
  }

  /** Converts anything caught at a boundary into a `ServiceException`, and keeps it as the cause. */
  static from(reason: unknown): HostError {
    if (reason instanceof HostError) return reason;
    return new HostError("ServiceException", "An internal error occurred.", { cause: reason });
  }
}
