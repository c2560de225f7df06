import type { BufferedResponse, ParsedError } from "../protocol/protocol.ts";
import type { Call } from "./call.ts";
import type { ServiceError } from "./errors.ts";
import { CallMetadata } from "./metadata.ts";
import { serviceErrorClass } from "./service-errors.ts";

/** The error that a response of failure stands for. */
export function readServiceError(call: Call, response: BufferedResponse): ServiceError {
  return serviceErrorOf(call, call.operation.codec.parseError(response), response);
}

/** A `ServiceError` of the class that its name has, with its metadata. */
export function serviceErrorOf(
  call: Call,
  parsed: ParsedError,
  response: Pick<BufferedResponse, "status" | "headers">,
): ServiceError {
  const service = call.engine.service.name;
  const ErrorClass = serviceErrorClass(service, parsed.name);
  const error = new ErrorClass({
    name: parsed.name,
    code: parsed.code,
    message: parsed.message,
    fault: parsed.fault,
    service,
    operation: call.operation.name,
    retryable: parsed.retryable ?? false,
    throttling: parsed.throttling ?? false,
    members: { ...parsed.extra, ...parsed.members },
  });
  const metadata = new CallMetadata(
    response.status,
    response.headers,
    call.attempts,
    call.totalRetryDelay,
  );
  if (parsed.requestId !== undefined) metadata.requestId ??= parsed.requestId;
  error.$metadata = metadata;
  return error;
}
