import { HostError, type InvocationType, isTraceId, newTraceId } from "@lambdad/core";
import type { RequestHeaders } from "@lambdad/http1";
import { decodeClientContext } from "./client-context.ts";
import type { InvokeAction } from "./invoke-target.ts";

/** What the headers of a request say about the invocation. */
export interface InvokeParameters {
  readonly type: InvocationType | "DryRun";
  readonly logTail: boolean;
  /** JSON text. */
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  readonly traceId: string;
  /** A trace header came that may not be passed on; `traceId` is a new one. */
  readonly traceIdDropped: boolean;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const tenantIdPattern = String.raw`[a-zA-Z0-9\._:\/=+\-@ ]+`;
const tenantIdExpression = /^[a-zA-Z0-9._:/=+\-@ ]+$/;
const tenantIdLengthMax = 256;

/**
 * The id that the caller gave its request; `undefined` when it gave none.
 *
 * @throws {HostError} `InvalidRequestContentException` when it is not a UUID.
 */
export function readRequestId(headers: RequestHeaders): string | undefined {
  const value = headers.get("x-amzn-requestid");
  if (value === undefined) return undefined;
  if (!uuid.test(value)) {
    throw new HostError("InvalidRequestContentException", "x-amzn-RequestId must be a UUID.");
  }
  return value.toLowerCase();
}

/**
 * Reads the headers of Invoke, InvokeAsync or InvokeWithResponseStream.
 *
 * @throws {HostError} when a value is not one of those that the action takes.
 */
export function readInvokeParameters(
  headers: RequestHeaders,
  action: InvokeAction,
): InvokeParameters {
  if (action === "async") return { ...asyncParameters, traceId: newTraceId() };
  const type = readType(headers.get("x-amz-invocation-type"), action);
  const logTail = readLogType(headers.get("x-amz-log-type"));
  const clientContext = headers.get("x-amz-client-context");
  const traceId = headers.get("x-amzn-trace-id");
  const keepsTraceId = traceId !== undefined && isTraceId(traceId);
  return {
    type,
    // AWS: log tail and client context belong to synchronous invocations.
    logTail: logTail && type === "RequestResponse",
    clientContext:
      clientContext === undefined || type === "Event"
        ? undefined
        : decodeClientContext(clientContext),
    tenantId: readTenantId(headers.get("x-amz-tenant-id")),
    traceId: keepsTraceId ? traceId : newTraceId(),
    traceIdDropped: traceId !== undefined && !keepsTraceId,
  };
}

/** InvokeAsync takes no headers, and no trace goes through it. */
const asyncParameters = {
  type: "Event",
  logTail: false,
  clientContext: undefined,
  tenantId: undefined,
  traceIdDropped: false,
} as const;

function readType(value: string | undefined, action: InvokeAction): InvokeParameters["type"] {
  switch (value) {
    case undefined:
    case "RequestResponse":
      return "RequestResponse";
    case "DryRun":
      return "DryRun";
    case "Event":
      if (action === "invoke") return "Event";
      break;
    default:
      break;
  }
  const values =
    action === "stream" ? "[RequestResponse, DryRun]" : "[Event, RequestResponse, DryRun]";
  throw badMember(value, "invocationType", `Member must satisfy enum value set: ${values}`);
}

function readLogType(value: string | undefined): boolean {
  if (value === undefined || value === "None") return false;
  if (value === "Tail") return true;
  throw badMember(value, "logType", "Member must satisfy enum value set: [Tail, None]");
}

function readTenantId(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  if (value.length > tenantIdLengthMax) {
    throw badMember(
      value,
      "tenantId",
      `Member must have length less than or equal to ${tenantIdLengthMax}`,
    );
  }
  if (tenantIdExpression.test(value)) return value;
  const rule = `Member must satisfy regular expression pattern: ${tenantIdPattern}`;
  throw badMember(value, "tenantId", rule);
}

function badMember(value: string | undefined, member: string, rule: string): HostError {
  return new HostError(
    "InvalidParameterValueException",
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: ${rule}`,
  );
}
