import type { DeletedObject, _Error as DeleteFailure } from "../../../types/s3.d.ts";
import { AwsClientError } from "../../client/errors.ts";

/** S3 did not delete some of a collection's objects. Every page was tried. */
export class DeleteObjectsError extends AwsClientError {
  override readonly name = "DeleteObjectsError";
  /** What was deleted; empty where the request asked to be quiet. */
  readonly deleted: readonly DeletedObject[];
  /** What was not, and why: `Key`, `VersionId`, `Code`, `Message`. */
  readonly errors: readonly DeleteFailure[];

  constructor(bucket: string, deleted: readonly DeletedObject[], errors: readonly DeleteFailure[]) {
    const [first] = errors;
    const more = errors.length > 1 ? ` and ${errors.length - 1} more` : "";
    super(
      `Cannot delete object "${bucket}/${first?.Key ?? ""}"${more}: ${first?.Code}: ${first?.Message}; see "errors"`,
    );
    this.deleted = deleted;
    this.errors = errors;
  }
}
