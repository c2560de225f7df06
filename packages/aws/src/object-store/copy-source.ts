import { StoreFailure } from "./store-errors.ts";
import { refuseVersion } from "./object-members.ts";
import { checkBucket, checkKey } from "./store-names.ts";

/** The object that is copied. */
export interface CopySourceObject {
  readonly bucket: string;
  readonly key: string;
}

/**
 * The object of a `CopySource` in the form that goes over the wire (`s3Input` makes it): percent-encoded,
 * the version behind `?versionId=`.
 * @throws StoreFailure
 */
export function parseCopySource(text: string): CopySourceObject {
  const at = text.lastIndexOf("?versionId=");
  const path = at < 0 ? text : text.slice(0, at);
  if (at >= 0) refuseVersion(decodeURIComponent(text.slice(at + "?versionId=".length)));
  const decoded = decodeURIComponent(path.startsWith("/") ? path.slice(1) : path);
  const slash = decoded.indexOf("/");
  if (slash <= 0 || slash === decoded.length - 1) {
    throw new StoreFailure("InvalidArgument", {
      message: `The copy source "${text}" is no "bucket/key"`,
      members: { ArgumentName: "x-amz-copy-source", ArgumentValue: text },
    });
  }
  const source = { bucket: decoded.slice(0, slash), key: decoded.slice(slash + 1) };
  checkBucket(source.bucket);
  checkKey(source.key);
  return source;
}
