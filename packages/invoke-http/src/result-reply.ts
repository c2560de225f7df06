import type { FailedResult, ReturnedResult } from "@lambdad/core";

/** What identifies an invocation in every answer to it. */
export interface InvocationIds {
  readonly requestId: string;
  readonly traceId: string;
}

/**
 * Header lines of the 200 to a buffered invocation.
 *
 * The content type is always `application/json`, as AWS answers, whatever the runtime named: Go's names
 * `application/octet-stream` for every JSON result, `curl -d` names a form.
 */
export function renderResultHeaders(
  result: ReturnedResult | FailedResult,
  ids: InvocationIds,
): string {
  let headers = `Content-Type: application/json\r\n${renderIds(ids)}X-Amz-Executed-Version: ${result.executedVersion}\r\n`;
  if (result.kind === "failed") headers += "X-Amz-Function-Error: Unhandled\r\n";
  if (result.logTail !== undefined) {
    headers += `X-Amz-Log-Result: ${renderLogTail(result.logTail)}\r\n`;
  }
  return headers;
}

/** Header lines of an answer that has no body: 202 and 204. */
export function renderIds({ requestId, traceId }: InvocationIds): string {
  return `x-amzn-RequestId: ${requestId}\r\nX-Amzn-Trace-Id: ${traceId}\r\n`;
}

/** The log tail as it travels: base64. */
export function renderLogTail(tail: Uint8Array): string {
  return Buffer.from(tail.buffer, tail.byteOffset, tail.byteLength).toString("base64");
}
