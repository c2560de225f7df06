import { limits } from "@lambdad/core";
import type { ApiError } from "../http/api-error.ts";
import type { Extension, ExtensionEventType } from "./extension.ts";

/** What a call of `extension/register` asks for. */
export interface RegisterRequest {
  readonly name: string;
  /** As sent: whether they are allowed depends on who asks. */
  readonly events: readonly string[];
  readonly wantsAccountId: boolean;
}

/** Headers and body of the call, as sent. */
export interface RegisterCall {
  /** `Lambda-Extension-Name`. */
  readonly name: string | undefined;
  /** `Lambda-Extension-Accept-Feature`: names between commas; unknown ones are ignored. */
  readonly features: string | undefined;
  readonly body: string;
}

/** Reads a call of `extension/register`, or says why it is refused. Rules: spec extensions-api §3. */
export function parseRegisterRequest(call: RegisterCall): RegisterRequest | ApiError {
  const { name } = call;
  if (name === undefined || name === "") {
    return refusal("Extension.InvalidExtensionName", "Empty extension name");
  }
  if (name.length > limits.extensionNameCharsMax) {
    const text = `Extension name is longer than ${limits.extensionNameCharsMax} characters`;
    return refusal("Extension.InvalidExtensionName", text);
  }
  let body: unknown;
  try {
    body = JSON.parse(call.body);
  } catch (error) {
    return invalidFormat(error instanceof Error ? error.message : String(error));
  }
  if (!isObjectOrNull(body)) return invalidFormat("The body must be a JSON object");
  const keys = memberOf(body, "configurationKeys") ?? [];
  if (!Array.isArray(keys)) return invalidFormat("configurationKeys must be an array");
  if (keys.length > 0) {
    return invalidFormat("configurationKeys are deprecated; use environment variables instead");
  }
  const list = memberOf(body, "events") ?? [];
  if (!Array.isArray(list) || !list.every((event) => typeof event === "string")) {
    return invalidFormat("events must be an array of strings");
  }
  const features = (call.features ?? "").split(",").map((feature) => feature.trim());
  return { name, events: [...new Set(list)], wantsAccountId: features.includes("accountId") };
}

/** Go's JSON reader, which AWS uses, takes `null` for an object without members. */
function isObjectOrNull(body: unknown): body is object | null {
  return typeof body === "object" && !Array.isArray(body);
}

/** It also finds members without regard to case: .NET writes `Events`. */
function memberOf(body: object | null, name: string): unknown {
  const members: readonly (readonly [string, unknown])[] = Object.entries(body ?? {});
  const exact = members.find(([known]) => known === name);
  const lowerCase = name.toLowerCase();
  const found = exact ?? members.find(([known]) => known.toLowerCase() === lowerCase);
  return found?.[1];
}

/** The events that an extension may have, or why one of them is refused. Case matters. */
export function allowedEvents(
  kind: Extension["kind"],
  events: readonly string[],
  /** Several invocations at once: AWS gives INVOKE to nobody then (Managed Instances). */
  isConcurrent: boolean,
): readonly ExtensionEventType[] | ApiError {
  for (const event of events) {
    const reason = whyNotAllowed(kind, event, isConcurrent);
    if (reason !== undefined) return refusal("Extension.InvalidEventType", `${event}: ${reason}`);
  }
  return events as readonly ExtensionEventType[];
}

function whyNotAllowed(
  kind: Extension["kind"],
  event: string,
  isConcurrent: boolean,
): string | undefined {
  if (event !== "INVOKE" && event !== "SHUTDOWN") return "ErrorInvalidEventType";
  if (kind === "external") {
    return isConcurrent && event === "INVOKE" ? "ErrorInvalidEventType" : undefined;
  }
  if (isConcurrent) return "No events allowed for internal extensions";
  return event === "SHUTDOWN" ? "ShutdownEventNotSupportedForInternalExtension" : undefined;
}

function invalidFormat(errorMessage: string): ApiError {
  return refusal("InvalidRequestFormat", errorMessage);
}

function refusal(errorType: string, errorMessage: string): ApiError {
  return { status: 403, errorType, errorMessage };
}
