export { InvokeDoor, type ListenAddress } from "./invoke-door.ts";
export type {
  DoorReason,
  InvokeDoorObserver,
  InvokeDoorOptions,
  Page,
  PageRenderer,
} from "./door-options.ts";
export { singleFunctionResolver } from "./single-function.ts";
export { severalFunctionsResolver, type SeveralFunctionsOptions } from "./several-functions.ts";
export { HttpInvoker, type HttpInvokerOptions } from "./http-invoker.ts";
export { type InvokeHttpRequest, renderInvokeRequest } from "./render-invoke-request.ts";
export { EventStreamDecoder, EventStreamError, type EventStreamMessage } from "./event-stream.ts";
