import { HostError, type HostErrorCode, hostErrors } from "@lambdad/core";
import type { ConsumeMessage } from "amqplib";
import { textOf } from "../message/headers.ts";
import { FunctionError } from "./rpc-errors.ts";

/** What a host has answered. */
export interface RpcReply {
  /** The function's bytes, untouched. */
  readonly payload: Buffer;
  /** As the host sent it; empty when it named none. */
  readonly contentType: string;
  /** `Unhandled` when the function has failed: the payload is its error then. */
  readonly functionError: string | undefined;
  readonly executedVersion: string;
  /** The end of the invocation's log, when it was asked for. */
  readonly logTail: Buffer | undefined;
}

/** AWS's, of a version or an alias. What else a peer may write there could be lines of an HTTP reply. */
const versionPattern = /^(?:\$LATEST|[\w-]{1,128})$/;

/**
 * Reads a reply of any peer.
 *
 * Hosts of ours say in a header what a reply is. Others say nothing: there, a JSON object with an
 * `errorType` is an error by convention, even if a function returned it on purpose (contract §8).
 *
 * @throws {HostError} when the host has not run the function.
 */
export function readReply(message: ConsumeMessage): RpcReply {
  const { content, properties } = message;
  const headers = properties.headers;
  let isOurs = false;
  let isService = false;
  let functionError: string | undefined;
  let executedVersion = "$LATEST";
  let logTail: Buffer | undefined;
  for (const key in headers) {
    const text = textOf(headers[key]);
    if (text === undefined) continue;
    switch (key.toLowerCase()) {
      case "x-lambda-proto":
        isOurs = true;
        break;
      case "x-lambda-error-class":
        isOurs = true;
        isService = text === "service";
        break;
      case "x-amz-function-error":
        isOurs = true;
        functionError = text;
        break;
      case "x-amz-executed-version":
        if (versionPattern.test(text)) executedVersion = text;
        break;
      case "x-amz-log-result":
        logTail = Buffer.from(text, "base64");
        break;
      default:
    }
  }
  if (isService) throw hostErrorOf(errorOf(content));
  if (!isOurs && looksLikeError(content)) {
    const error = errorOf(content);
    if (serviceCodes.has(error.errorType)) throw hostErrorOf(error);
    functionError = "Unhandled";
  }
  const contentType = textOf(properties.contentType) ?? "";
  return { payload: content, contentType, functionError, executedVersion, logTail };
}

/** The value of a reply: parsed JSON, or the bytes of anything else. */
export function valueOf({ payload, contentType }: RpcReply): unknown {
  const [type = ""] = contentType.split(";", 1);
  if (type.trim().toLowerCase() === "application/octet-stream") return payload;
  try {
    return JSON.parse(payload.toString());
  } catch {
    return payload;
  }
}

/** The error that a failed function's reply tells. */
export function functionErrorOf({ payload }: RpcReply): FunctionError {
  const { errorType, errorMessage, trace } = errorOf(payload);
  return new FunctionError({ errorType, errorMessage, trace, payload });
}

/** Names with which hosts, other projects' included, say that they have not run the function. */
const serviceCodes: ReadonlySet<string> = new Set([
  "ResourceNotFoundException",
  "TooManyRequestsException",
  "ServiceException",
]);

interface ErrorFacts {
  readonly errorType: string;
  readonly errorMessage: string;
  readonly trace: readonly string[];
}

/** Whether the body is an object with an `errorType` of text, or at least begins like one (contract §17). */
function looksLikeError(body: Buffer): boolean {
  if (!body.includes('"errorType"')) return false;
  try {
    const value: unknown = JSON.parse(body.toString());
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return typeof (value as Record<string, unknown>)["errorType"] === "string";
  } catch {
    return /^\s*\{\s*"errorType"/.test(body.toString("utf8", 0, 100));
  }
}

function errorOf(body: Buffer): ErrorFacts {
  const text = body.toString();
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) {
      return factsOf(value as Record<string, unknown>, text);
    }
  } catch {
    // Some peers put quotes and line breaks into their errors as they are.
    const [, errorType] = /"errorType"\s*:\s*"([^"]*)"/.exec(text) ?? [];
    const [, errorMessage] = /"errorMessage"\s*:\s*"([\s\S]*?)"?\s*\}?\s*$/.exec(text) ?? [];
    if (errorType !== undefined) {
      return { errorType, errorMessage: errorMessage ?? text, trace: [] };
    }
  }
  return { errorType: "Unknown", errorMessage: text, trace: [] };
}

function factsOf(members: Readonly<Record<string, unknown>>, text: string): ErrorFacts {
  const { errorType, errorMessage, trace, stackTrace } = members;
  const lines = Array.isArray(trace) ? trace : Array.isArray(stackTrace) ? stackTrace : [];
  return {
    errorType: typeof errorType === "string" ? errorType : "Unknown",
    errorMessage: typeof errorMessage === "string" ? errorMessage : text,
    trace: lines.filter((line) => typeof line === "string"),
  };
}

function hostErrorOf({ errorType, errorMessage }: ErrorFacts): HostError {
  // What another host could not do may work at the next attempt.
  if (!Object.hasOwn(hostErrors, errorType) || errorType === "ServiceException") {
    return new HostError("ServiceUnavailable", errorMessage);
  }
  const code = errorType as HostErrorCode;
  if (code !== "TooManyRequestsException") return new HostError(code, errorMessage);
  return new HostError(code, errorMessage, { reason: "ConcurrentInvocationLimitExceeded" });
}
