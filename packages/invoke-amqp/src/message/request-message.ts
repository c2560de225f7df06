import { randomUUID } from "node:crypto";
import {
  functionArn,
  type FunctionConfiguration,
  type Invocation,
  isTraceId,
  newTraceId,
  payloadOf,
  type ResponseStream,
} from "@lambdad/core";
import type { ConsumeMessage } from "amqplib";
import { decodeClientContext } from "./client-context.ts";
import { textOf } from "./headers.ts";

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** What the headers and properties of a request say, as far as they can be read. */
export interface RequestFacts {
  readonly requestId: string;
  readonly traceId: string | undefined;
  /** As it came: base64. */
  readonly clientContext: string | undefined;
  readonly tenantId: string | undefined;
  readonly logTail: boolean;
  /** The caller takes the response piece by piece. */
  readonly takesStream: boolean;
  /** Attempts of an event that have failed before this one. */
  readonly attempt: number;
  /** Milliseconds since the Unix epoch. */
  readonly deadlineMs: number | undefined;
  /** The time to live that the request was sent with, in milliseconds. */
  readonly expirationMs: number | undefined;
}

/** Reads a request of any peer. Never throws: what makes no sense counts as absent (contract §5, AM-22). */
export function readRequest(message: ConsumeMessage): RequestFacts {
  const headers = message.properties.headers;
  let requestId: string | undefined;
  let traceId: string | undefined;
  let clientContext: string | undefined;
  let tenantId: string | undefined;
  let logTail = false;
  let takesStream = false;
  let attempt: string | undefined;
  let deadline: string | undefined;
  for (const key in headers) {
    const text = textOf(headers[key]);
    if (text === undefined) continue;
    switch (key.toLowerCase()) {
      case "x-amzn-requestid":
        if (uuid.test(text)) requestId = text.toLowerCase();
        break;
      case "x-amzn-trace-id":
        if (isTraceId(text)) traceId = text;
        break;
      case "x-amz-client-context":
        clientContext = text;
        break;
      case "x-amz-tenant-id":
        tenantId = text;
        break;
      case "x-amz-log-type":
        logTail = text === "Tail";
        break;
      case "x-lambda-stream":
        takesStream = text === "accept";
        break;
      case "x-lambda-attempt":
        attempt = text;
        break;
      case "x-lambda-deadline-ms":
        deadline = text;
        break;
      default:
    }
  }
  return {
    requestId: requestIdOf(message, requestId),
    traceId,
    clientContext,
    tenantId,
    logTail,
    takesStream,
    attempt: numberOf(attempt) ?? 0,
    deadlineMs: numberOf(deadline),
    // 0 means "now or never" to the broker, and it was now.
    expirationMs: numberOf(message.properties.expiration as unknown) || undefined,
  };
}

/**
 * The id of an event is that of all its attempts (AS-4). A call that was delivered before may still run
 * here, and two invocations with one id cannot be told apart.
 */
function requestIdOf({ fields, properties }: ConsumeMessage, given: string | undefined): string {
  const isEvent = textOf(properties.replyTo as unknown) === undefined;
  return given === undefined || (fields.redelivered && !isEvent) ? randomUUID() : given;
}

function numberOf(value: unknown): number | undefined {
  if (typeof value !== "string" || !/^\d{1,15}$/.test(value)) return undefined;
  return Number(value);
}

/**
 * Milliseconds that the caller still waits; `undefined`: it does not say.
 *
 * The deadline counts as long as the clocks of both machines seem to agree: it cannot be further away
 * than the time to live that was given with it, and the broker drops what is older than that. Where they
 * do not, that time counts from the arrival here.
 */
export function remainingMs(facts: RequestFacts, nowMs: number): number | undefined {
  const { deadlineMs, expirationMs } = facts;
  if (deadlineMs === undefined) return expirationMs;
  const restMs = deadlineMs - nowMs;
  if (expirationMs === undefined) return restMs;
  return restMs > 0 && restMs <= expirationMs ? restMs : expirationMs;
}

/**
 * What an invocation tells of the content type of its event.
 *
 * - `json`: `application/json` always, as AWS and the Go daemon do: runtimes parse it under that name.
 * - `as-sent`: that of the message; empty when it names none.
 */
export type RequestContentType = "json" | "as-sent";

/** What a request needs besides its message to become an invocation. */
export interface InvocationFacts {
  readonly configuration: FunctionConfiguration;
  readonly type: Invocation["type"];
  readonly contentType: RequestContentType;
  /** On the monotonic clock. */
  readonly expiresAtMs: number | undefined;
  readonly stream: ResponseStream | undefined;
}

/** @throws {ClientContextError} */
export function invocationOf(
  message: ConsumeMessage,
  request: RequestFacts,
  { configuration, type, contentType, expiresAtMs, stream }: InvocationFacts,
): Invocation {
  const { clientContext } = request;
  const named = message.properties.contentType as unknown;
  return {
    requestId: request.requestId,
    functionName: configuration.name,
    qualifier: undefined,
    invokedFunctionArn: functionArn(configuration),
    type,
    payload: payloadOf(message.content),
    contentType: contentType === "json" ? "application/json" : (textOf(named) ?? ""),
    traceId: request.traceId ?? newTraceId(),
    clientContext: clientContext === undefined ? undefined : decodeClientContext(clientContext),
    cognitoIdentity: undefined,
    tenantId: request.tenantId,
    logTail: request.logTail,
    expiresAtMs,
    stream,
  };
}
