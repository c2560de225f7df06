/** What the event INVOKE tells of an invocation. Its payload stays with the runtime. */
export interface InvokeFacts {
  readonly requestId: string;
  /** The same as the runtime's `Lambda-Runtime-Deadline-Ms`. */
  readonly deadlineEpochMs: number;
  readonly invokedFunctionArn: string;
  /** Empty: there is none, and `tracing` is left out. */
  readonly traceId: string;
}

/** Why an environment ends: the value of `shutdownReason`, as AWS's own code writes it. */
export type ShutdownReason = "spindown" | "timeout" | "failure";

/** The body of INVOKE: spec extensions-api §4. */
export function invokeEventBody(facts: InvokeFacts): string {
  const { requestId, deadlineEpochMs, invokedFunctionArn, traceId } = facts;
  return JSON.stringify({
    eventType: "INVOKE",
    deadlineMs: deadlineEpochMs,
    requestId,
    invokedFunctionArn,
    tracing: traceId === "" ? undefined : { type: "X-Amzn-Trace-Id", value: traceId },
  });
}

/** The body of SHUTDOWN; SIGKILL follows at the deadline. */
export function shutdownEventBody(reason: ShutdownReason, deadlineEpochMs: number): string {
  return JSON.stringify({
    eventType: "SHUTDOWN",
    shutdownReason: reason,
    deadlineMs: deadlineEpochMs,
  });
}
