import type { FailedResult, FunctionConfiguration, Invocation } from "@lambdad/core";
import type { EnvironmentObserver } from "../environment-observer.ts";
import type { InitFailure } from "../environment-owner.ts";
import { platformErrorPayload } from "../platform-error.ts";

/**
 * What a caller gets whose invocation could not start, because the environment failed to: the bytes
 * of the runtime's own error, or a body in its own name. As on AWS its log has START, END and REPORT.
 */
export function initFailureResult(
  invocation: Invocation,
  failure: InitFailure,
  context: {
    readonly configuration: FunctionConfiguration;
    readonly observer: EnvironmentObserver;
  },
): FailedResult {
  const { configuration, observer } = context;
  const { requestId } = invocation;
  const { version, memorySizeMb } = configuration;
  const { errorType } = failure;
  const timeMs = Date.now();
  const { tenantId } = invocation;
  const named = { timeMs, requestId, trace: undefined, tenantId };
  observer.platformEvent({ type: "platform.start", ...named, version, queueMs: 0 });
  observer.platformEvent({
    type: "platform.report",
    ...named,
    status: "error",
    errorType,
    durationMs: 0,
    billedDurationMs: 0,
    memorySizeMb,
    maxMemoryUsedMb: 0,
    initDurationMs: undefined,
    extensionOverheadMs: undefined,
  });
  return {
    kind: "failed",
    payload: failure.payload ?? platformErrorPayload(failure, requestId),
    contentType: "application/json",
    errorType,
    executedVersion: version,
    logTail: invocation.logTail ? failure.log : undefined,
  };
}
