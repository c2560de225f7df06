import { limits, payloadOf, type Payload } from "@lambdad/core";

/**
 * Why an invocation or an initialisation failed, when it was not the runtime that said so.
 * Types and texts: spec runtime-api §10.
 */
export interface PlatformError {
  readonly errorType: string;
  /** The text after `RequestId: <id> Error: `. */
  readonly text: string;
}

/** What is known of a process that has ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The same for a line of the host's log. */
export function exitFacts({ code, signal }: ProcessExit): {
  readonly status: number | undefined;
  readonly signal: string | undefined;
} {
  return { status: code ?? undefined, signal: signal ?? undefined };
}

/** How Go, and so AWS, names the signals in `signal: killed`. */
const signalNames: Readonly<Record<string, string>> = {
  SIGHUP: "hangup",
  SIGINT: "interrupt",
  SIGQUIT: "quit",
  SIGILL: "illegal instruction",
  SIGTRAP: "trace/breakpoint trap",
  SIGABRT: "aborted",
  SIGBUS: "bus error",
  SIGFPE: "floating point exception",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGPIPE: "broken pipe",
  SIGALRM: "alarm clock",
  SIGTERM: "terminated",
};

/** `exit status 1`, `signal: killed`; `undefined` for a clean exit. */
function describeExit(exit: ProcessExit): string | undefined {
  if (exit.signal !== null) return `signal: ${signalNames[exit.signal] ?? exit.signal}`;
  return exit.code === 0 ? undefined : `exit status ${exit.code}`;
}

export function runtimeExitError(exit: ProcessExit): PlatformError {
  const description = describeExit(exit);
  const text =
    description === undefined
      ? "Runtime exited without providing a reason"
      : `Runtime exited with error: ${description}`;
  return { errorType: "Runtime.ExitError", text };
}

/** `timeoutMs` is the function's time-out, in milliseconds. */
export function timedOutError(timeoutMs: number): PlatformError {
  const seconds = (timeoutMs / 1000).toFixed(2);
  return { errorType: "Sandbox.Timedout", text: `Task timed out after ${seconds} seconds` };
}

/** An extension has ended although nobody asked it to. */
export function extensionCrashError(exit: ProcessExit): PlatformError {
  return { errorType: "Extension.Crash", text: describeExit(exit) ?? "exit code 0" };
}

/** An extension could not be started. */
export function extensionLaunchError(reason: string): PlatformError {
  return { errorType: "Extension.LaunchError", text: reason };
}

/** An extension has said that it failed: `errorType` is what it said. */
export function extensionReportedError(
  call: "initError" | "exitError",
  name: string,
  errorType: string | undefined,
): PlatformError {
  const type = call === "initError" ? "Extension.InitError" : "Extension.ExitError";
  const reason = errorType === undefined || errorType === type ? "" : `: ${errorType}`;
  return { errorType: type, text: `extension ${name} failed${reason}` };
}

/** A time-out that an extension has caused: `text` is that of the time-out (EX-1). */
export function lateExtensionError(
  text: string,
  { name, state }: { readonly name: string; readonly state: string },
): PlatformError {
  const missing = state === "Started" ? "has not registered" : "has not called event/next";
  return { errorType: "Extension.InitTimeout", text: `${text}: extension ${name} ${missing}` };
}

export function invalidEntrypointError(reason: string): PlatformError {
  return { errorType: "Runtime.InvalidEntrypoint", text: reason };
}

export function invalidWorkingDirError(reason: string): PlatformError {
  return { errorType: "Runtime.InvalidWorkingDir", text: reason };
}

export const truncatedResponseError: PlatformError = {
  errorType: "Runtime.TruncatedResponse",
  text: "The runtime's response ended before it was complete",
};

/** The body that a caller gets. */
export function platformErrorPayload(error: PlatformError, requestId: string): Payload {
  const errorMessage = `RequestId: ${requestId} Error: ${error.text}`;
  return payloadOf(JSON.stringify({ errorType: error.errorType, errorMessage }));
}

/** The body for a response over the limit: its text has no request id (Live, spec runtime-api §7). */
export function responseTooLargePayload(bytesMax: number = limits.syncPayloadBytesMax): Payload {
  return payloadOf(
    JSON.stringify({
      errorType: responseTooLargeType,
      errorMessage: `Response payload size exceeded maximum allowed payload size (${bytesMax} bytes).`,
    }),
  );
}

export const responseTooLargeType = "Function.ResponseSizeTooLarge";

const keptErrorType = /(?:Runtime|Function)\.[A-Z][a-zA-Z]+/;

/**
 * The platform's error type for what a runtime put into `Lambda-Runtime-Function-Error-Type`.
 * Only for telemetry: the body that the caller sees stays as it is. Rule: spec runtime-api §5.
 */
export function sanitizedErrorType(header: string | undefined): string {
  if (header === undefined) return "Runtime.Unknown";
  if (keptErrorType.test(header)) return header.slice(0, limits.errorTypeCharsMax);
  return header.startsWith("Function.") ? "Function.Unknown" : "Runtime.Unknown";
}
