import type { Invocation, Payload } from "@lambdad/core";

/** An HTTP request, ready to be sent. */
export interface InvokeHttpRequest {
  readonly method: "POST";
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Payload;
}

/**
 * The request that has a remote endpoint run the function once: Invoke, or InvokeWithResponseStream when
 * the invocation has a stream.
 *
 * Its type is `RequestResponse` whatever the invocation's is: an invoker runs the function and has the
 * result, and who queued the event is its caller.
 */
export function renderInvokeRequest(invocation: Invocation): InvokeHttpRequest {
  const { functionName, qualifier, payload, stream } = invocation;
  const name = encodeURIComponent(functionName);
  const path =
    stream === undefined
      ? `/2015-03-31/functions/${name}/invocations`
      : `/2021-11-15/functions/${name}/response-streaming-invocations`;
  return {
    method: "POST",
    path: qualifier === undefined ? path : `${path}?Qualifier=${encodeURIComponent(qualifier)}`,
    headers: renderHeaders(invocation),
    body: payload,
  };
}

function renderHeaders(invocation: Invocation): Record<string, string> {
  const { clientContext, tenantId } = invocation;
  const headers: Record<string, string> = {
    "Content-Type": invocation.contentType,
    "Content-Length": String(invocation.payload.byteLength),
    "x-amzn-RequestId": invocation.requestId,
    "X-Amzn-Trace-Id": invocation.traceId,
  };
  if (invocation.logTail) headers["X-Amz-Log-Type"] = "Tail";
  if (tenantId !== undefined) headers["X-Amz-Tenant-Id"] = tenantId;
  if (clientContext !== undefined) {
    headers["X-Amz-Client-Context"] = Buffer.from(clientContext).toString("base64");
  }
  return headers;
}
