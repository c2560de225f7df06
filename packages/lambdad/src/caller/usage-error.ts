/** What the user gave cannot be used: a payload that cannot be read, a broker's URI that makes no sense. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}
