import type { Credentials } from "../credentials/credentials.ts";
import { authorizeWithBearer } from "../sigv4/bearer.ts";
import type { RequestDraft } from "../protocol/protocol.ts";
import type { HttpRequest } from "../transport/transport.ts";
import type { Call } from "./call.ts";
import type { Engine } from "./engine.ts";
import { expectsContinue } from "./request-payload.ts";

/** The request of a call's next attempt: signed now, with this attempt's headers. */
export function signedRequest(call: Call, draft: RequestDraft): HttpRequest {
  const { engine, boundEndpoint: endpoint, stream } = call;
  const { headers } = draft;
  // What the attempt before has added comes off.
  headers.length = call.baseHeaders;
  call.sentAt = Date.now();
  let seed = "";
  if (endpoint.signer !== undefined) {
    const now = call.sentAt + engine.clockOffsetMs;
    seed = endpoint.signer.sign(draft, call.payloadHash, call.credentials as Credentials, now);
  } else if (endpoint.signs) {
    authorizeWithBearer(headers, (call.credentials as Credentials).secretAccessKey);
  }
  headers.push(
    "user-agent",
    engine.userAgent,
    "amz-sdk-invocation-id",
    call.invocationId,
    "amz-sdk-request",
    call.attempts === 1
      ? engine.firstAttempt
      : `attempt=${call.attempts}; max=${call.options?.maxAttempts ?? engine.retry.maxAttempts}`,
  );
  if (engine.inLambda) addTraceId(headers);
  const { query } = draft;
  const body = (stream === undefined ? draft.body : stream.body(seed)) as HttpRequest["body"];
  return {
    method: draft.method,
    path: query.length === 0 ? draft.path : draft.path + "?" + query.join("&"),
    headers,
    body,
    expectContinue: expectsContinue(endpoint, body, call.replayable),
    headTimeoutMs: call.options?.attemptTimeout ?? call.operation.attemptTimeoutMs,
    bodyTimeoutMs: engine.bodyTimeoutMs,
  };
}

/** Inside a Lambda function calls carry its trace on. Source: aws-client.md §5.1. */
function addTraceId(headers: string[]): void {
  const traceId = process.env["_X_AMZN_TRACE_ID"];
  if (traceId === undefined || headers.includes("x-amzn-trace-id")) return;
  headers.push("x-amzn-trace-id", traceId);
}

/** What a client says of itself in each request. */
export function userAgentOf(engine: Pick<Engine, "service">, appId: string | undefined): string {
  const { serviceId } = engine.service.metadata;
  const words = [
    `lambdad-aws/${version}`,
    `lang/js`,
    `md/nodejs#${process.versions.node}`,
    `api/${serviceId.replaceAll(" ", "_").toLowerCase()}`,
  ];
  if (appId !== undefined) words.push(`app/${appId.replaceAll(/[^\w.!#$%&'*+^`|~-]/g, "-")}`);
  return words.join(" ");
}

/** This package's version. */
const version = "0.1.0";
