import { limits } from "@lambdad/core";
import type { EnvironmentEndReason, Fault } from "../environment-observer.ts";
import type { ShutdownReason } from "../extensions/extension-events.ts";
import type { ExtensionsApi } from "../extensions/extensions-api.ts";
import type { Telemetry } from "../telemetry/telemetry.ts";
import type { Latch } from "./latch.ts";

/** What extensions are told of the end of their environment. */
export const shutdownReasons: Readonly<Record<EnvironmentEndReason, ShutdownReason>> = {
  idle: "spindown",
  drain: "spindown",
  recycle: "spindown",
  timeout: "timeout",
  exit: "failure",
  oom: "failure",
  extension: "failure",
  init: "failure",
};

/** Delivery of telemetry before the runtime is signalled: a subscriber may run inside it. */
const firstFlushMs = 200;

/** How long the kernel may take to end a process after SIGKILL before the extensions go on. */
const afterKillMs = 100;

/** What an environment consists of, as far as its end goes. */
export interface ShutdownParts {
  readonly extensions: ExtensionsApi;
  readonly telemetry: Pick<Telemetry, "flush">;
  readonly signalRuntime: (signal: "SIGTERM" | "SIGKILL") => void;
  /** The runtime's process has ended and its output has been read, or there is none. */
  readonly runtimeOver: Latch;
  /** Names of the external extensions whose process runs. */
  readonly runningExternals: () => readonly string[];
  readonly killExternal: (name: string) => void;
  /** The same for all external extensions. */
  readonly externalsOver: Latch;
  readonly fault: (fault: Fault) => void;
}

/**
 * Ends an environment in which an extension has registered, as AWS does: SIGTERM for the runtime, then
 * SHUTDOWN for the external extensions that want it, SIGKILL for what is left at the deadline. Without
 * a registered extension there is nothing to wait for, and this is not called.
 *
 * Order and budgets: spec runtime-api §15, extensions-api §7.
 */
export async function shutDown(reason: ShutdownReason, parts: ShutdownParts): Promise<void> {
  const { extensions, telemetry, runtimeOver, externalsOver } = parts;
  const hasExternals = parts.runningExternals().length > 0;
  const budgetMs = hasExternals ? limits.shutdownMs : limits.shutdownInternalMs;
  const deadlineEpochMs = Date.now() + budgetMs;
  const deadlineMs = performance.now() + budgetMs;
  const remainingMs = (): number => Math.max(0, deadlineMs - performance.now());

  await telemetry.flush(firstFlushMs);
  parts.signalRuntime("SIGTERM");
  const runtimeMs = hasExternals ? limits.shutdownRuntimeMs : remainingMs();
  if (!(await runtimeOver.within(runtimeMs))) {
    parts.signalRuntime("SIGKILL");
    await runtimeOver.within(afterKillMs);
  }

  await telemetry.flush(Math.min(limits.telemetryFlushMs, remainingMs() / 2));
  for (const name of parts.runningExternals()) {
    const extension = extensions.named(name);
    // One that has said it failed gets no event any more: it is ending by itself.
    if (extension?.hasReportedError === true) continue;
    if (extension?.wants("SHUTDOWN") === true) {
      extensions.shutdown(extension, reason, deadlineEpochMs);
    } else {
      parts.killExternal(name);
    }
  }
  if (await externalsOver.within(remainingMs())) return;
  for (const name of parts.runningExternals()) {
    // One that has asked for more after SHUTDOWN is done, and only has no way to know it.
    const level = extensions.named(name)?.isWaiting === true ? "info" : "warn";
    parts.fault({ level, event: "ext.killed", name });
    parts.killExternal(name);
  }
}
