import { ParamValidationError } from "../client/errors.ts";
import type { Input } from "../protocol/protocol.ts";
import { picked } from "./upload-members.ts";

/** The object that is copied from. */
export interface CopySource {
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * Reads `CopySource`: `{ Bucket, Key, VersionId }`, or text `bucket/key?versionId=…`, where the
 * bucket may be the ARN of an access point with `/object/` behind it.
 *
 * @throws ParamValidationError
 */
export function copySource(value: unknown): CopySource {
  if (typeof value === "string") return sourceOfText(value);
  const { Bucket, Key, VersionId } = (value ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof Bucket !== "string" || typeof Key !== "string") throw invalid();
  return { bucket: Bucket, key: Key, versionId: VersionId as string | undefined };
}

function sourceOfText(text: string): CopySource {
  const at = text.lastIndexOf("?versionId=");
  const path = decodeSafely(at < 0 ? text : text.slice(0, at)).replace(/^\//, "");
  const version = at < 0 ? undefined : decodeSafely(text.slice(at + "?versionId=".length));
  const pattern = path.startsWith("arn:") ? /^(.+?)\/object\/(.+)$/s : /^([^/]+)\/(.+)$/s;
  const [, bucket, key] = pattern.exec(path) ?? [];
  if (bucket === undefined || key === undefined) throw invalid();
  return { bucket, key, versionId: version };
}

/** Text that is not encoded is taken as it is. */
function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function invalid(): ParamValidationError {
  const message = 'give "bucket/key", or an object with Bucket, Key and VersionId';
  return new ParamValidationError("copy", [{ path: "CopySource", message }]);
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
