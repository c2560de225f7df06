import type { Variables } from "./read-options.ts";

/** What a function's environment is made of. */
export interface FunctionEnvironmentOptions {
  /** Inherit only what AWS promises a function, and `passNames`. Default: false. */
  readonly clean?: boolean;
  /** Inherited in spite of `clean`; the host's own variables stay out also then. */
  readonly passNames?: readonly string[];
  /** The function's own variables, of `--env-file`: they win over what is inherited. */
  readonly own?: Readonly<Record<string, string>>;
}

/**
 * Names that a function may inherit under `--clean-env`: what AWS promises it and the platform does
 * not fill in by itself. Source: spec limits-and-env §6.
 */
const promisedNames: ReadonlySet<string> = new Set([
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_CONTAINER_AUTHORIZATION_TOKEN",
  "AWS_CONTAINER_CREDENTIALS_FULL_URI",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_EXEC_WRAPPER",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_FORMAT",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_LEVEL",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_MAX_CONCURRENCY",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_XRAY_CONTEXT_MISSING",
  "AWS_XRAY_DAEMON_ADDRESS",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
  "LANG",
  "LD_LIBRARY_PATH",
  "PATH",
  "TZ",
  "_AWS_XRAY_DAEMON_ADDRESS",
  "_AWS_XRAY_DAEMON_PORT",
  "_HANDLER",
]);

/**
 * The variables that a function inherits: the daemon's, as under AWS's emulator, less the host's own
 * (`AMQP_*`, `LAMBDAD_*`), which hold secrets. Pure. Source: spec reliability §12.4.
 */
export function functionEnvironment(
  variables: Variables,
  options: FunctionEnvironmentOptions = {},
): Record<string, string> {
  const { clean = false, passNames = [], own = {} } = options;
  const passed = new Set(passNames);
  const inherited: Record<string, string> = {};
  for (const [name, value] of Object.entries(variables)) {
    if (value === undefined || isHostVariable(name)) continue;
    if (clean && !promisedNames.has(name) && !passed.has(name)) continue;
    inherited[name] = value;
  }
  return { ...inherited, ...own };
}

/** Whether a variable is the host's own and never for a function. */
function isHostVariable(name: string): boolean {
  return name.startsWith("AMQP_") || name.startsWith("LAMBDAD_");
}
