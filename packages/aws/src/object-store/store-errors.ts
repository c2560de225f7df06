import type { ServiceError } from "../client/errors.ts";
import { serviceErrorClass } from "../client/service-errors.ts";
import { classifyError } from "../retry/classify-error.ts";

/** Status and default text of S3's errors, by code. Source: the Amazon S3 API Reference, error responses. */
const s3Errors = {
  AccessDenied: [403, "Access Denied"],
  BadRequest: [400, "Bad Request"],
  BadDigest: [400, "The Content-MD5 or checksum value that was given is not that of the body"],
  BucketAlreadyOwnedByYou: [409, "The bucket exists, and it is yours"],
  BucketNotEmpty: [409, "The bucket has objects: delete them first"],
  EntityTooLarge: [400, "The object is larger than the store allows"],
  EntityTooSmall: [400, "A part before the last one is smaller than 5 MiB"],
  IncompleteBody: [400, "The body does not have the length that was given"],
  InternalError: [500, "The store has failed"],
  InvalidArgument: [400, "Invalid Argument"],
  InvalidBucketName: [400, "The bucket's name is not valid"],
  InvalidDigest: [400, "The Content-MD5 that was given is no MD5 in base64"],
  InvalidPart: [400, "A part is not there, or its ETag is another"],
  InvalidPartOrder: [400, "The parts are not in ascending order of their numbers"],
  InvalidPartNumber: [416, "The part that was asked for cannot be had"],
  InvalidRange: [416, "The range has none of the object's bytes"],
  InvalidRequest: [400, "Invalid Request"],
  InvalidTag: [400, "A tag is not valid"],
  KeyTooLongError: [400, "The key is longer than 1,024 bytes"],
  MalformedXML: [400, "The input is not what the operation's schema says"],
  MetadataTooLarge: [400, "The user metadata is larger than 2 KB"],
  NoSuchBucket: [404, "The bucket does not exist"],
  NoSuchKey: [404, "The key does not exist"],
  NoSuchUpload: [404, "The upload does not exist: it was completed or aborted, or never made"],
  NoSuchVersion: [404, "The version does not exist"],
  NotImplemented: [501, "The store cannot do that"],
  NotModified: [304, "Not Modified"],
  PreconditionFailed: [412, "A condition that was given does not hold"],
  ServiceUnavailable: [503, "The store cannot be reached"],
} as const;

/** Code of an error that a store answers with. */
export type StoreErrorCode = keyof typeof s3Errors;

/** Facts of a failure beside its code. */
export interface StoreFailureOptions {
  /** Default: S3's text. */
  readonly message?: string | undefined;
  /** Members of the error: `BucketName`, `Key`. */
  readonly members?: Readonly<Record<string, unknown>> | undefined;
  readonly cause?: unknown;
}

/**
 * A store refuses or fails an operation. The engine makes the `ServiceError` of it that S3's client
 * would throw.
 */
export class StoreFailure extends Error {
  readonly code: StoreErrorCode;
  readonly members: Readonly<Record<string, unknown>> | undefined;

  constructor(code: StoreErrorCode, { message, members, cause }: StoreFailureOptions = {}) {
    super(message ?? s3Errors[code][1], cause === undefined ? undefined : { cause });
    this.code = code;
    this.members = members;
  }

  /** HTTP status that S3 answers with. */
  get status(): number {
    return s3Errors[this.code][0];
  }
}

/** Operations whose answer has no body: S3's error is then known by its status alone. */
const bodiless: ReadonlySet<string> = new Set(["HeadBucket", "HeadObject"]);

/** The error that S3's client throws for a failure of a store. */
export function storeServiceError(failure: StoreFailure, operation: string): ServiceError {
  const { status, message, members, cause } = failure;
  const isBare = bodiless.has(operation) || status === 304;
  const code = isBare ? String(status) : failure.code;
  const name = isBare && status === 404 ? "NotFound" : code;
  const category = classifyError({ kind: "service", code, status });
  const ErrorClass = serviceErrorClass("s3", name);
  const error = new ErrorClass({
    name,
    code,
    message,
    fault: status >= 500 ? "server" : "client",
    service: "s3",
    operation,
    retryable: category !== "none",
    throttling: category === "throttling",
    members,
  });
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
  return error;
}
