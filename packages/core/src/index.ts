export { type Invoker, type Layer, withLayers } from "./invoker.ts";
export type { Invocation, InvocationType, ResponseStream } from "./invocation.ts";
export type {
  FailedResult,
  InvokeResult,
  ReturnedResult,
  StreamedResult,
  StreamError,
} from "./invoke-result.ts";
export {
  emptyPayload,
  type Payload,
  payloadBytes,
  payloadFromChunks,
  payloadOf,
  payloadText,
} from "./payload.ts";
export {
  HostError,
  type HostErrorCode,
  type HostErrorRule,
  hostErrors,
  type ThrottleReason,
} from "./host-error.ts";
export { type ParsedFunctionName, parseFunctionName } from "./function-name.ts";
export { functionArn, type FunctionConfiguration } from "./function-configuration.ts";
export { isTraceId, newTraceId } from "./trace-id.ts";
export { limits } from "./limits.ts";
export { outdatedNode, refusedNode } from "./node-version.ts";
export { type Clock, systemClock, timerMsMax } from "./clock.ts";
export type {
  AcceptedEvent,
  Claim,
  ClaimRequest,
  ClaimWant,
  EventCounts,
  EventError,
  EventPage,
  EventProgress,
  EventQuery,
  EventState,
  EventStore,
  Failing,
  FailureCondition,
  NextDue,
  PurgeSelection,
  Scheduling,
  StoredEvent,
} from "./event-store.ts";
export {
  encodeFrameHead,
  type ErrorHead,
  type EventHead,
  type Frame,
  FrameDecoder,
  type FrameType,
  frameType,
  type IdHead,
  type InitErrorHead,
  type ResponseHead,
  runtimeChannelApiVariable,
  runtimeChannelDescriptor,
  type StreamEndHead,
} from "./runtime-channel.ts";
