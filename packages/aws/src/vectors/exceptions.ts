/** A case that we fail on purpose. */
export interface VectorException {
  /** The case's name, as the command prints it. */
  readonly name: string;
  /** Why what we do is right. */
  readonly reason: string;
}

/** The only cases that may differ. A case that passes although it is here is a failure. */
export const vectorExceptions: readonly VectorException[] = [];
