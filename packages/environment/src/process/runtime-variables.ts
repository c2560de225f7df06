import { randomUUID } from "node:crypto";
import type { FunctionConfiguration } from "@lambdad/core";

export interface RuntimeVariablesOptions {
  readonly configuration: FunctionConfiguration;
  /** What the function inherits: already free of the host's own variables and secrets. */
  readonly inherited: Readonly<Record<string, string | undefined>>;
  /** `host:port` of this environment's Runtime API. */
  readonly runtimeApi: string;
  /** The folder with the function's code, absolute. */
  readonly taskRoot: string;
}

/** What the platform fills in where the user has said nothing. Spec limits-and-env §6, §9. */
const defaults: Readonly<Record<string, string>> = {
  AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
  AWS_XRAY_CONTEXT_MISSING: "LOG_ERROR",
  LAMBDA_RUNTIME_DIR: "/var/runtime",
  LANG: "en_US.UTF-8",
  TZ: ":UTC",
};

/**
 * Of the process that the host itself is, when it runs in an environment: the trace is set by the
 * runtime for each invocation, and the log descriptors would be those of another process.
 */
const neverInherited: ReadonlySet<string> = new Set([
  "_LAMBDA_TELEMETRY_LOG_FD",
  "_LAMBDA_TELEMETRY_LOG_FD_PROVIDER_SOCKET",
  "_X_AMZN_TRACE_ID",
]);

/**
 * The variables of a runtime's process: what it inherits, then what the platform promises, which no
 * inherited value can override.
 */
export function runtimeVariables(options: RuntimeVariablesOptions): Record<string, string> {
  const { configuration, inherited, runtimeApi, taskRoot } = options;
  const variables: Record<string, string> = { ...defaults };
  for (const [name, value] of Object.entries(inherited)) {
    if (value !== undefined && !neverInherited.has(name)) variables[name] = value;
  }
  variables["AWS_LAMBDA_RUNTIME_API"] = runtimeApi;
  variables["AWS_LAMBDA_FUNCTION_NAME"] = configuration.name;
  variables["AWS_LAMBDA_FUNCTION_VERSION"] = configuration.version;
  variables["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"] = String(configuration.memorySizeMb);
  variables["AWS_REGION"] = configuration.region;
  variables["AWS_DEFAULT_REGION"] = configuration.region;
  variables["LAMBDA_TASK_ROOT"] = inherited["LAMBDA_TASK_ROOT"] ?? taskRoot;
  variables["AWS_LAMBDA_LOG_GROUP_NAME"] =
    inherited["AWS_LAMBDA_LOG_GROUP_NAME"] ?? `/aws/lambda/${configuration.name}`;
  variables["AWS_LAMBDA_LOG_STREAM_NAME"] =
    inherited["AWS_LAMBDA_LOG_STREAM_NAME"] ?? newLogStreamName(configuration.version);
  if (configuration.handler !== "") variables["_HANDLER"] = configuration.handler;
  return variables;
}

/** `2026/02/18/[$LATEST]` and 32 hexadecimal digits: one per environment. */
export function newLogStreamName(version: string, nowMs: number = Date.now()): string {
  const day = new Date(nowMs).toISOString().slice(0, 10).replaceAll("-", "/");
  return `${day}/[${version}]${randomUUID().replaceAll("-", "")}`;
}
