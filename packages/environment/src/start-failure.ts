import type { InitFailure } from "./environment-observer.ts";
import { invalidEntrypointError, type PlatformError } from "./platform-error.ts";

/** Why an environment could not start, before it is known who hears of it. */
export type StartFailure = Pick<InitFailure, "errorType" | "payload" | "text">;

/** Found by the platform: each caller gets a body of its own. */
export function platformFailure({ errorType, text }: PlatformError): StartFailure {
  return { errorType, payload: undefined, text };
}

/** The kernel refused to start the executable. */
export function spawnFailure(executable: string, error: NodeJS.ErrnoException): StartFailure {
  const reason = error.code ?? error.message;
  return platformFailure(invalidEntrypointError(`fork/exec ${executable}: ${reason}`));
}

/** It did not ask for its first invocation in time. */
export function initTimeoutFailure(limitMs: number): StartFailure {
  const text = `Initialization timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
  return platformFailure({ errorType: "Sandbox.Timedout", text });
}

/** The host could not make an environment: no descriptor or port was left. */
export function hostFailure(reason: unknown): StartFailure {
  const text = reason instanceof Error ? reason.message : String(reason);
  return platformFailure({ errorType: "Sandbox.Failure", text });
}
