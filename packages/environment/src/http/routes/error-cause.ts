import { payloadOf, payloadText, type Payload } from "@lambdad/core";

/** Content type of an error body that carries a cause for X-Ray beside the error. */
export const errorCauseType = "application/vnd.aws.lambda.error.cause+json";

/** The part of such a body that the caller gets. Rule: spec runtime-api §6. */
export function readErrorCause(body: Payload): { payload: Payload; contentType: string } {
  try {
    const parsed: unknown = JSON.parse(payloadText(body));
    if (typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)) {
      const { errorMessage, errorType, stackTrace } = parsed as Record<string, unknown>;
      const error = JSON.stringify({ errorMessage, errorType, stackTrace });
      return { payload: payloadOf(error), contentType: "application/json" };
    }
  } catch {
    // Not JSON: answered below.
  }
  return { payload: payloadOf('"Invalid error body"'), contentType: "application/octet-stream" };
}
