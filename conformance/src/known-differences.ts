/**
 * Where a peer is known to differ from the contract, by the id of the scenario, with the reason. The
 * scenario is then expected to fail: one that passes makes the suite fail, so that this list stays true.
 * Measured against AWS's own emulator (aws-lambda-rie); it is no complete Lambda and does not claim to be.
 */
export const knownDifferences: Readonly<Record<string, string>> = {
  "answer-headers": "it sends none of Lambda's response headers, and text/plain for JSON",
  "function-error-header": "it does not mark function errors: a caller has to look into the body",
  "request-id": "no request id in its answers; its START line has an id of its own",
  "log-group": "always '/aws/lambda/Functions' and '$LATEST' unless set from outside",
  "log-tail": "it has no log tail",
  trace: "the caller's trace header does not reach the function",
  "trace-made": "it makes no trace id",
  "oversize-response": "the body is Lambda's, but without the mark of a function error",
  exit: "it answers 502 with Lambda's body",
  "init-error": "it answers 502 with Lambda's body",
  timeout: "plain text with status 200",
  stream: "it has no InvokeWithResponseStream",
  "stream-error": "it has no InvokeWithResponseStream",
  "stream-log-tail": "it has no InvokeWithResponseStream",
};
