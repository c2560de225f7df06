import { ParamValidationError } from "../client/errors.ts";
import type { Input } from "../protocol/protocol.ts";
import { type CopySource, parseCopySource } from "../rules/copy-source.ts";
import { picked } from "./upload-members.ts";

/**
 * Reads `CopySource`: `{ Bucket, Key, VersionId }`, or text `bucket/key?versionId=…`, where the
 * bucket may be the ARN of an access point with `/object/` behind it.
 *
 * @throws ParamValidationError
 */
export function copySource(value: unknown): CopySource {
  if (typeof value === "string") return parseCopySource(value) ?? invalid();
  const { Bucket, Key, VersionId } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof Bucket !== "string" || typeof Key !== "string") return invalid();
  return { bucket: Bucket, key: Key, versionId: VersionId as string | undefined };
}

function invalid(): never {
  const message = 'give "bucket/key", or an object with Bucket, Key and VersionId';
  throw new ParamValidationError("copy", [{ path: "CopySource", message }]);
}

/** The members with which the source of a copy is asked about. */
export function sourceInput({ bucket, key, versionId }: CopySource, params: Input): Input {
  return {
    ...picked(params, ["RequestPayer"]),
    Bucket: bucket,
    Key: key,
    VersionId: versionId,
    ExpectedBucketOwner: params["ExpectedSourceBucketOwner"],
  };
}
