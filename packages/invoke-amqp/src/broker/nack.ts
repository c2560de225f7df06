/**
 * Whether a confirm says that the broker refuses the message: its queue is full. The client library calls
 * back with an error for messages of a channel that has ended, too, and both are nothing but text.
 */
export function isNack(error: unknown): boolean {
  return error instanceof Error && error.message === "message nacked";
}
