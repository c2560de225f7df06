import type { FunctionEnvironment } from "./invocation-context.ts";
import type { Handler } from "./load-handler.ts";
import type { LogError } from "./patch-console.ts";
import type { ErrorBody, InvocationRequest, RuntimeClient } from "./runtime-client.ts";

/** One invocation between its event and its answer. */
export interface RunningInvocation {
  readonly request: InvocationRequest;
  /** Calls the handler. */
  begin(): void;
  /** The event loop has nothing left to do: whoever waits for that is answered. */
  loopEmptied(): void;
  /** Answers with an error at once, because the process is about to end. */
  abort(error: ErrorBody): void;
}

/** What an invocation needs of the runtime. */
export interface InvocationHost {
  readonly client: RuntimeClient;
  readonly handler: Handler;
  readonly environment: FunctionEnvironment;
  /** Several invocations run at the same time: an empty event loop is not to be expected. */
  readonly concurrent: boolean;
  readonly logError: LogError;
  /** The invocation is over and its answer queued. */
  ended(invocation: RunningInvocation): void;
}
