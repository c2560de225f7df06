export { InvokeDoor, type ListenAddress } from "./invoke-door.ts";
export type {
  DoorReason,
  InvokeDoorObserver,
  InvokeDoorOptions,
  Page,
  PageRenderer,
} from "./door-options.ts";
export { singleFunctionResolver } from "./single-function.ts";
export { EventStreamDecoder, EventStreamError, type EventStreamMessage } from "./event-stream.ts";
