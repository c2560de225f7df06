export { Daemon, type DaemonOptions } from "./daemon/daemon.ts";
export { commandOfHandler, commandOfWords, type FunctionCommand } from "./host/function-command.ts";
export { Server, type ServerOptions } from "./server/server.ts";
export { type ServedFunction, servedFunctions } from "./server/served-function.ts";
export { type ParseOptions, parseArguments } from "./cli/parse-arguments.ts";
export type { Command } from "./cli/command.ts";
export type { DaemonConfiguration } from "./configuration/daemon-configuration.ts";
export type { ServerConfiguration } from "./configuration/server-configuration.ts";
export { ConfigError } from "./configuration/config-error.ts";
