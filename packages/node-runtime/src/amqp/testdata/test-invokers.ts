import type { InvokeResult } from "@lambdad/core";
import { payloadText } from "@lambdad/core";
import type { FunctionEnvironment } from "../../invocation-context.ts";

export const testEnvironment: FunctionEnvironment = {
  functionVersion: "$LATEST",
  functionName: "contract",
  memoryLimitInMB: "128",
  logGroupName: "/aws/lambda/contract",
  logStreamName: "2026/11/21/[$LATEST]0",
};

/** What a caller gets: kind, content type and the body as text. */
export function answerOf(result: InvokeResult): readonly [string, string, string] {
  if (result.kind === "streamed") throw new Error("Cannot read the answer: it was streamed");
  return [result.kind, result.contentType, payloadText(result.payload)];
}

/** The error that a failed result carries. */
export function errorOf(result: InvokeResult): {
  readonly errorType: string;
  readonly errorMessage: string;
} {
  const [kind, , text] = answerOf(result);
  if (kind !== "failed") throw new Error(`Cannot read the error: it was ${kind}: ${text}`);
  return JSON.parse(text) as { errorType: string; errorMessage: string };
}
