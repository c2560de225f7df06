import { AwsClientError } from "../../client/errors.ts";

/** Some of a batch was left unprocessed by DynamoDB as often as it was tried. */
export class UnprocessedError extends AwsClientError {
  override readonly name = "UnprocessedError";
  /** Answers in a row that processed nothing. */
  readonly attempts: number;

  constructor(message: string, attempts: number) {
    super(message);
    this.attempts = attempts;
  }
}
