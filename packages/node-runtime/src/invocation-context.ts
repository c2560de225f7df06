import type { InvocationRequest } from "./runtime-client.ts";

/** The members of `context` that stay the same over the life of the process. */
export interface FunctionEnvironment {
  readonly functionVersion: string | undefined;
  readonly functionName: string | undefined;
  /** Text, as on AWS. */
  readonly memoryLimitInMB: string | undefined;
  readonly logGroupName: string | undefined;
  readonly logStreamName: string | undefined;
}

/** The members of `context` that are new with each invocation. */
export interface InvocationMembers {
  readonly clientContext: unknown;
  readonly identity: unknown;
  readonly invokedFunctionArn: string;
  readonly awsRequestId: string;
  readonly tenantId: string | undefined;
  readonly xRayTraceId: string | undefined;
  /** Milliseconds until the deadline; negative after it. */
  readonly getRemainingTimeInMillis: () => number;
}

/** Reads what the platform promises a runtime process. */
export function functionEnvironmentOf(
  env: Readonly<Record<string, string | undefined>>,
): FunctionEnvironment {
  return {
    functionVersion: env["AWS_LAMBDA_FUNCTION_VERSION"],
    functionName: env["AWS_LAMBDA_FUNCTION_NAME"],
    memoryLimitInMB: env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: env["AWS_LAMBDA_LOG_STREAM_NAME"],
  };
}

/**
 * The members that a request brings.
 *
 * @throws {Error} when client context or identity are not JSON.
 */
export function invocationMembersOf(request: InvocationRequest): InvocationMembers {
  const { deadlineMs } = request;
  return {
    clientContext: parsedMember(request.clientContext, "ClientContext"),
    identity: parsedMember(request.cognitoIdentity, "CognitoIdentity"),
    invokedFunctionArn: request.invokedFunctionArn,
    awsRequestId: request.requestId,
    tenantId: request.tenantId,
    xRayTraceId: request.traceId,
    getRemainingTimeInMillis: () => deadlineMs - Date.now(),
  };
}

/**
 * Reads client context or identity.
 *
 * @throws {Error} when the text is not JSON.
 */
export function parsedMember(text: string | undefined, name: string): unknown {
  if (text === undefined || text === "") return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${String(error)}`, { cause: error });
  }
}

/** Whether a handler returned something to wait for. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    typeof (value as { readonly then?: unknown }).then === "function"
  );
}
