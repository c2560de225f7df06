/** The call was not answered in time. The function may still be running. */
export class RpcTimeoutError extends Error {
  override readonly name: string = "TimeoutError";
  readonly functionName: string;
  readonly timeoutMs: number;

  constructor(functionName: string, timeoutMs: number) {
    super(`No reply from function '${functionName}' within ${timeoutMs / 1000} s`);
    this.functionName = functionName;
    this.timeoutMs = timeoutMs;
  }
}

export interface FunctionErrorParts {
  readonly errorType: string;
  readonly errorMessage: string;
  /** Lines of the stack, where the function's runtime gives them. */
  readonly trace: readonly string[];
  /** The reply as it came. */
  readonly payload: Buffer;
}

/** The function ran and failed. `errorType` is its own error's name, or the platform's. */
export class FunctionError extends Error {
  override readonly name: string = "FunctionError";
  readonly errorType: string;
  readonly trace: readonly string[];
  readonly payload: Buffer;

  constructor({ errorType, errorMessage, trace, payload }: FunctionErrorParts) {
    super(errorMessage);
    this.errorType = errorType;
    this.trace = trace;
    this.payload = payload;
  }
}
