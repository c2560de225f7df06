import {
  HostError,
  type HostErrorCode,
  hostErrors,
  type Payload,
  payloadText,
  type StreamError,
  payloadOf,
  type ThrottleReason,
} from "@lambdad/core";
import type { CompletionBody } from "./response-messages.ts";

/** The head of a response: names in lower case. */
export interface ResponseHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** Bytes of a function's error body that are looked into for its type. */
const errorBodyBytesMax = 65_536;

/** A version as a header may carry it on. */
const versionExpression = /^(?:\$LATEST(?:\.PUBLISHED)?|\d{1,20})$/;

const throttleReasons: ReadonlySet<string> = new Set<ThrottleReason>([
  "ConcurrentInvocationLimitExceeded",
  "ReservedFunctionConcurrentInvocationLimitExceeded",
  "FunctionInvocationRateLimitExceeded",
  "ReservedFunctionInvocationRateLimitExceeded",
  "CallerRateLimitExceeded",
]);

/** One value of a header; the first of repeated ones. */
export function headerOf({ headers }: ResponseHead, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** `X-Amz-Executed-Version`; `$LATEST` when it is absent or no version. */
export function readExecutedVersion(head: ResponseHead): string {
  const version = headerOf(head, "x-amz-executed-version") ?? "";
  return versionExpression.test(version) ? version : "$LATEST";
}

/** A log tail as it travels. */
export function readLogTail(base64: string | undefined): Uint8Array | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

/** The type that a function's error body names; `Unhandled` when it names none. */
export function readErrorType(body: Payload): string {
  if (body.byteLength > errorBodyBytesMax) return "Unhandled";
  return textMember(parseObject(payloadText(body)), "errorType") ?? "Unhandled";
}

/** What an `InvokeComplete` says. */
export interface ReadCompletion {
  readonly error: StreamError | undefined;
  readonly logTail: Uint8Array | undefined;
}

/** Reads the payload of an `InvokeComplete`. Members of other types than text are ignored. */
export function readCompletion(payload: Uint8Array): ReadCompletion {
  const members: Partial<Record<keyof CompletionBody, unknown>> = parseObject(
    payloadText(payloadOf(payload)),
  );
  const errorType = textMember(members, "ErrorCode");
  return {
    error:
      errorType === undefined
        ? undefined
        : { errorType, payload: payloadOf(textMember(members, "ErrorDetails") ?? "") },
    logTail: readLogTail(textMember(members, "LogResult")),
  };
}

/**
 * The host error that an answer other than 200 stands for, found as AWS's clients find it: by the header
 * `x-amzn-ErrorType` up to a colon or a number sign, else by the body's `__type` or `code`.
 */
export function readHostError(head: ResponseHead, body: string): HostError {
  const members = parseObject(body);
  const name =
    headerOf(head, "x-amzn-errortype") ??
    textMember(members, "__type") ??
    textMember(members, "code");
  const message = textMember(members, "message") ?? textMember(members, "Message") ?? "";
  const code = hostErrorCode(head.status, (name ?? "").replace(/:.*$/s, "").replace(/^.*#/s, ""));
  const reason = textMember(members, "Reason");
  if (reason !== undefined && throttleReasons.has(reason)) {
    return new HostError(code, message, { reason: reason as ThrottleReason });
  }
  return new HostError(code, message);
}

/** The code for an answer; by its status alone when its name is none that hosts have. */
function hostErrorCode(status: number, name: string): HostErrorCode {
  if (status === 502 || status === 503 || status === 504) return "ServiceUnavailable";
  if (Object.hasOwn(hostErrors, name)) return name as HostErrorCode;
  for (const [code, rule] of Object.entries(hostErrors)) {
    if (rule.status === status && status > 400) return code as HostErrorCode;
  }
  return "ServiceException";
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function textMember(members: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = Object.hasOwn(members, name) ? members[name] : undefined;
  return typeof value === "string" ? value : undefined;
}
