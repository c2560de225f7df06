/** What is known of an upload in parts that has failed. */
export interface FailedUpload {
  readonly uploadId: string;
  /** Why its parts could not be removed: they are still on the server. */
  readonly abortError?: unknown;
}

/**
 * The error of an upload in parts, with the facts as members. What cannot be added to becomes the
 * cause of an error that can.
 */
export function failedUpload(error: unknown, { uploadId, abortError }: FailedUpload): Error {
  const isOpen = error instanceof Error && Object.isExtensible(error);
  const failed = isOpen ? error : new Error(String(error), { cause: error });
  add(failed, "uploadId", uploadId);
  if (abortError !== undefined) add(failed, "abortError", abortError);
  return failed;
}

function add(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}
