import type { EnvironmentEndReason, Fault } from "./environment-observer.ts";
import type { Extension } from "./extensions/extension.ts";
import {
  exitFacts,
  extensionCrashError,
  extensionLaunchError,
  extensionReportedError,
  type PlatformError,
  type ProcessExit,
  runtimeExitError,
} from "./platform-error.ts";

/** Why an environment cannot go on: one of its processes has failed. All that runs in it fails too. */
export interface Collapse {
  /** For the host's log; `undefined`: that has been told before. */
  readonly fault: Fault | undefined;
  /** What callers and telemetry get. */
  readonly error: PlatformError;
  readonly reason: EnvironmentEndReason;
}

/** A file of an external extension could not be started. */
export function launchCollapse(name: string, reason: string): Collapse {
  return {
    fault: { level: "error", event: "ext.launch_error", name, detail: reason },
    error: extensionLaunchError(reason),
    reason: "extension",
  };
}

/** An extension has said that it failed. */
export function reportedCollapse(
  { name, errorType }: Extension,
  call: "initError" | "exitError",
): Collapse {
  return {
    fault: { level: "warn", event: "ext.error", name, errorType },
    error: extensionReportedError(call, name, errorType),
    reason: "extension",
  };
}

/** What is known of the memory of the environment. */
interface MemoryFacts {
  readonly exceeded: boolean;
  readonly maxMb: number;
}

/**
 * An extension has ended before its environment, which it must not, not even with status 0 (EX-2); or
 * for the memory, before there was a runtime.
 */
export function extensionExitCollapse(
  name: string,
  exit: ProcessExit,
  memory: MemoryFacts,
): Collapse {
  return {
    fault: oomFault(memory) ?? { level: "warn", event: "ext.exit", name, ...exitFacts(exit) },
    error: extensionCrashError(exit),
    reason: memory.exceeded ? "oom" : "extension",
  };
}

/** The runtime has ended, by itself or for its memory. */
export function runtimeExitCollapse(exit: ProcessExit, memory: MemoryFacts): Collapse {
  return {
    fault: oomFault(memory),
    error: runtimeExitError(exit),
    reason: memory.exceeded ? "oom" : "exit",
  };
}

function oomFault({ exceeded, maxMb }: MemoryFacts): Fault | undefined {
  return exceeded ? { level: "warn", event: "runtime.oom", maxMb } : undefined;
}
