import type { Payload } from "@lambdad/core";
import type { Extension } from "./extensions/extension.ts";
import {
  invalidEntrypointError,
  lateExtensionError,
  type PlatformError,
} from "./platform-error.ts";
import { spawnReason } from "./process/runtime-command.ts";

/** Why an environment could not start, before it is known who hears of it. */
export interface StartFailure {
  readonly errorType: string;
  /** Bytes of the runtime's own, the same for whoever gets them; else a body is made per caller. */
  readonly payload: Payload | undefined;
  /** The text of a platform error, when there are no bytes of the runtime's. */
  readonly text: string;
}

/** Found by the platform: each caller gets a body of its own. */
export function platformFailure({ errorType, text }: PlatformError): StartFailure {
  return { errorType, payload: undefined, text };
}

/** The kernel refused to start the executable. */
export function spawnFailure(executable: string, error: NodeJS.ErrnoException): StartFailure {
  return platformFailure(invalidEntrypointError(spawnReason(executable, error)));
}

/** It was not ready in time; `late` is the extension that it waited for, if it was one. */
export function initTimeoutFailure(limitMs: number, late: Extension | undefined): StartFailure {
  const text = `Initialization timed out after ${(limitMs / 1000).toFixed(2)} seconds`;
  if (late === undefined) return platformFailure({ errorType: "Sandbox.Timedout", text });
  return platformFailure(lateExtensionError(text, late));
}

/** The host could not make an environment: no descriptor or port was left. */
export function hostFailure(reason: unknown): StartFailure {
  const text = reason instanceof Error ? reason.message : String(reason);
  return platformFailure({ errorType: "Sandbox.Failure", text });
}
