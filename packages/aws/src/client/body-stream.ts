/** Bytes of a body on their way to one reader, who asks for them piece by piece. */
export interface BodyStream extends AsyncIterableIterator<Buffer, undefined> {
  /** Bytes in all, if known. */
  readonly length: number | undefined;
  /** Whether it holds nothing any more: no connection, no file. */
  readonly hasEnded: boolean;
  return(): Promise<IteratorResult<Buffer, undefined>>;
  /**
   * Gives up what is left.
   * @param error for whoever still reads; default: the reader itself has left.
   */
  cancel(error?: Error): void;
  /** Offers memory for all its bytes: pieces that are there already need no copy. */
  into?(memory: Buffer): void;
}
