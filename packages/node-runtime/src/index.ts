export {
  nodeRuntimeChannelFd,
  type NodeRuntimeCommand,
  nodeRuntimeCommand,
  type NodeRuntimeOptions,
} from "./runtime-command.ts";
