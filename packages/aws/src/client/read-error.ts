import type { BufferedResponse, ParsedError } from "../protocol/protocol.ts";
import { classifyError } from "../retry/classify-error.ts";
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
  const category = classifyError({
    kind: "service",
    code: parsed.code,
    status: response.status,
    retryable: parsed.retryable,
    throttling: parsed.throttling,
  });
  const error = new ErrorClass({
    name: parsed.name,
    code: parsed.code,
    message: parsed.message,
    fault: parsed.fault,
    service,
    operation: call.operation.name,
    retryable: category !== "none",
    throttling: category === "throttling",
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
