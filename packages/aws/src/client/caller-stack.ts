/**
 * Rejects a call's promise with an error whose stack leads to the line that awaits the call.
 *
 * V8 writes the frames of waiting async functions into a stack when it can follow promises from the
 * job that is running to the function that awaits. An error made in a socket's callback has no such
 * job, so the failing call resolves its promise with one that fails two turns later, when the chain
 * is in place. A call that succeeds pays nothing for this.
 */
export function rejectWithCallerStack(resolve: (value: never) => void, failure: Error): void {
  resolve(failLater(failure) as never);
}

async function failLater(failure: Error): Promise<never> {
  await Promise.resolve();
  await Promise.resolve();
  Error.captureStackTrace(failure);
  throw failure;
}
