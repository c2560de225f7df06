import {
  type HostError,
  type InvokeResult,
  payloadBytes,
  type StreamedResult,
} from "@lambdad/core";
import { ClientContextError } from "./client-context.ts";
import { headerNames, protoVersion } from "./headers.ts";

/** One reply, ready to be published but for the address. */
export interface ReplyMessage {
  readonly body: Buffer;
  readonly contentType: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Says that a reply is one of ours, so that callers need not guess from its body (contract §8). */
const plainHeaders: ReplyMessage["headers"] = { [headerNames.proto]: protoVersion };

const failedHeaders: ReplyMessage["headers"] = {
  ...plainHeaders,
  [headerNames.functionError]: "Unhandled",
};

const refusedHeaders: ReplyMessage["headers"] = {
  ...plainHeaders,
  [headerNames.errorClass]: "service",
};

/** The reply for what the function did. */
export function replyOf(result: InvokeResult): ReplyMessage {
  // A door that gives no stream is given none.
  if (result.kind === "streamed") return { ...empty, headers: plainHeaders };
  const headers = withFacts(result.kind === "failed" ? failedHeaders : plainHeaders, result);
  return { body: bufferOf(payloadBytes(result.payload)), contentType: result.contentType, headers };
}

/** The headers of a piece of a streamed reply; those of its end say how it ended. */
export function streamEndHeaders(last: StreamedResult | undefined): ReplyMessage["headers"] {
  if (last === undefined) return plainHeaders;
  return withFacts(last.error === undefined ? plainHeaders : failedHeaders, last);
}

function withFacts(
  headers: ReplyMessage["headers"],
  { logTail, executedVersion }: InvokeResult,
): ReplyMessage["headers"] {
  if (executedVersion === "$LATEST" && logTail === undefined) return headers;
  return {
    ...headers,
    ...(executedVersion === "$LATEST" ? {} : { [headerNames.executedVersion]: executedVersion }),
    ...(logTail === undefined
      ? {}
      : { [headerNames.logResult]: Buffer.from(logTail).toString("base64") }),
  };
}

/** The reply for what the host could not do, in the form of an error that every peer knows. */
export function refusalOf(error: HostError | ClientContextError): ReplyMessage {
  const isCallersFault = error instanceof ClientContextError;
  const errorType = isCallersFault ? error.name : wireCodeOf(error);
  return {
    body: Buffer.from(JSON.stringify({ errorType, errorMessage: error.message })),
    contentType: "application/json",
    headers: isCallersFault ? failedHeaders : refusedHeaders,
  };
}

/** `ServiceUnavailable` is our name for AWS's `ServiceException` with status 503. */
function wireCodeOf({ code }: HostError): string {
  return code === "ServiceUnavailable" ? "ServiceException" : code;
}

const empty = { body: Buffer.alloc(0), contentType: "application/octet-stream" };

/** The same bytes as a `Buffer`, which the client library asks for. */
export function bufferOf(bytes: Uint8Array): Buffer {
  if (Buffer.isBuffer(bytes)) return bytes;
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
