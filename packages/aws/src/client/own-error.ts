import { type AwsClientError, ClientClosedError, CredentialsError } from "./errors.ts";

/**
 * The error of one call. Calls that waited for the same thing are given the same error; each gets
 * one of its own, with its own stack and metadata. What is no error, or cannot be added to, becomes
 * the cause of one.
 */
export function ownError(error: Error): AwsClientError {
  if (!(error instanceof Error) || !Object.isExtensible(error)) {
    return new Error(String(error), { cause: error });
  }
  const { $metadata } = error as AwsClientError;
  if ($metadata === undefined) return error;
  if (error instanceof ClientClosedError) {
    return new ClientClosedError(error.message, { cause: error.cause });
  }
  if (error instanceof CredentialsError) {
    return new CredentialsError(error.message, error.providers, error.cause);
  }
  return error;
}
