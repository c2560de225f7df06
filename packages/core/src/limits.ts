/**
 * Every limit that the wire contracts name, in one place. Those that a user can set are defaults here
 * and options of the part that holds them.
 */
export const limits = {
  /** Event and buffered response of a synchronous invocation: 6 × 1024 × 1024 + 100 (AWS). */
  syncPayloadBytesMax: 6_291_556,
  /** Event of an asynchronous invocation: 1 MiB since October 2025 (AWS). */
  asyncPayloadBytesMax: 1_048_576,
  /** Event of the deprecated action InvokeAsync: 256 KB (AWS). */
  invokeAsyncPayloadBytesMax: 262_144,
  /** A streamed response: 200 MiB (AWS). */
  streamedResponseBytesMax: 209_715_200,
  /** Bodies that a process holds at once (ours): 512 MiB. */
  bytesInFlightMax: 536_870_912,
  /** `X-Amz-Client-Context` before base64 decoding (AWS). */
  clientContextBytesMax: 3_583,
  /** Log tail before base64 (AWS). */
  logTailBytes: 4_096,
  /** One line of a function's output; the rest of a longer line is dropped and counted (ours). */
  logLineBytesMax: 262_144,
  /** Request body of `/error` and `/init/error` (AWS's managed-instances emulator). */
  errorBodyBytesMax: 1_048_576,
  /** Request line and headers on the Runtime API: the X-Ray cause header may reach 1 MiB (AWS). */
  runtimeApiHeadBytesMax: 1_114_112,
  /** Initialisation of runtime, extensions and function code (AWS). */
  initTimeoutMs: 10_000,
  /** Function timeout, default and range (AWS). */
  functionTimeoutMsDefault: 3_000,
  functionTimeoutMsMax: 900_000,
  /** Extensions of one environment, external and internal together (AWS). */
  extensionsMax: 10,
  /** An idle extension without a call of `event/next`: its environment ends after this time (ours). */
  extensionAbsenceMs: 2_000,
  /** Name of an extension: that of a file, in characters (ours for internal ones). */
  extensionNameCharsMax: 255,
  /** An error type that a runtime or an extension sends; what is longer is cut (ours). */
  errorTypeCharsMax: 1_024,
  /** From the decision to end an environment to SIGKILL, with an external extension (AWS). */
  shutdownMs: 2_000,
  /** The part of it that the runtime has for SIGTERM, before the extensions (AWS's emulator: 30 %). */
  shutdownRuntimeMs: 600,
  /** The same when all extensions are internal, so that the runtime has all of it (AWS). */
  shutdownInternalMs: 500,
  /** Last delivery of telemetry before the end of an environment (AWS's managed-instances emulator). */
  telemetryFlushMs: 1_000,
  /** Wait for exit notifications after SIGKILL (AWS's emulator). */
  exitWaitMs: 2_000,
  /** Ids of timed-out invocations that one environment remembers, to answer 410 (AWS). */
  timedOutIdsMax: 1_000,
  /** Blocked `/next` calls of one environment (AWS's managed-instances emulator). */
  idlePollersMax: 10_000,
  /** Connections to one Runtime API: AWS's open files of an environment with several invocations. */
  runtimeApiConnectionsMax: 4_096,
  /** Open files of a function's process, soft and hard (AWS). */
  openFilesMax: 1_024,
} as const;
