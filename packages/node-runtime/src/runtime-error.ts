/** What the runtime itself finds wrong with a function: the part of `errorType` after `Runtime.`. */
export type RuntimeErrorCode =
  | "ImportModuleError"
  | "UserCodeSyntaxError"
  | "HandlerNotFound"
  | "MalformedHandlerName"
  | "MalformedStreamingHandler"
  | "InvalidStreamingOperation"
  | "JSONStringifyError"
  | "UnhandledPromiseRejection"
  | "UnsettledTopLevelAwait"
  | "UnmarshalError";

/** A fault that AWS's runtime names too. `name` becomes the `errorType` on the wire. */
export class RuntimeError extends Error {
  override readonly name: string;

  constructor(code: RuntimeErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = `Runtime.${code}`;
    // The first line of the stack was made before the name was known.
    // oxlint-disable-next-line unicorn/no-useless-error-capture-stack-trace
    Error.captureStackTrace(this, new.target);
  }
}
