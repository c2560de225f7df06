export { launch, type LaunchOptions } from "./amqp/launch.ts";
export { type WrappedCommand, wrappedCommand, wrapperVariable } from "./exec-wrapper.ts";
export {
  nodeRuntimeChannelFd,
  type NodeRuntimeCommand,
  nodeRuntimeCommand,
  type NodeRuntimeOptions,
} from "./runtime-command.ts";
