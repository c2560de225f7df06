/** What a runtime has and an extension has not. Source: spec limits-and-env §7. */
const withheld: ReadonlySet<string> = new Set([
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_XRAY_CONTEXT_MISSING",
  "AWS_XRAY_DAEMON_ADDRESS",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
]);

/**
 * The variables of an external extension: those of the runtime, less what tells of the function's code
 * and log, and less every name that starts with an underscore.
 */
export function extensionVariables(
  runtime: Readonly<Record<string, string>>,
): Record<string, string> {
  const kept = Object.entries(runtime).filter(
    ([name]) => !name.startsWith("_") && !withheld.has(name),
  );
  return Object.fromEntries(kept);
}
