export { EventQueue, type EventQueueOptions, type EventQueueStop } from "./event-queue.ts";
export type { EventSettings } from "./event-lanes.ts";
export type { EventObservation } from "./event-observation.ts";
export type { EventShelf } from "./event-shelf.ts";
export { MemoryEventStore, type MemoryEventStoreOptions } from "./memory-event-store.ts";
export { eventLimits } from "./event-limits.ts";
export {
  type AttemptOutcome,
  attemptOf,
  type EventTransition,
  refuseStart,
  transition,
  type TransitionTime,
} from "./event-transition.ts";
export { type EventEnding, failedEnding, invocationRecord } from "./invocation-record.ts";
