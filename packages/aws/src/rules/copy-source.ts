/** An object that is copied from. */
export interface CopySource {
  /** A bucket's name, or the ARN of an access point. */
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | undefined;
}

/**
 * Reads a `CopySource` of text: `bucket/key?versionId=…`, percent-encoded or not, where the bucket may be
 * the ARN of an access point with `/object/` behind it. `undefined`: it is none.
 */
export function parseCopySource(text: string): CopySource | undefined {
  const { path: given, version } = splitCopySource(text);
  const path = given.startsWith("/") ? given.slice(1) : given;
  const pattern = path.startsWith("arn:") ? /^(.+?)\/object\/(.+)$/s : /^([^/]+)\/(.+)$/s;
  const [, bucket, key] = pattern.exec(path) ?? [];
  if (bucket === undefined || key === undefined) return undefined;
  return { bucket, key, versionId: version === undefined ? undefined : decodeSafely(version) };
}

/** The decoded path of a `CopySource` of text, and its version as it was given. */
export function splitCopySource(text: string): { path: string; version: string | undefined } {
  const mark = "?versionId=";
  const at = text.lastIndexOf(mark);
  if (at < 0) return { path: decodeSafely(text), version: undefined };
  return { path: decodeSafely(text.slice(0, at)), version: text.slice(at + mark.length) };
}

/** Text that is not encoded is taken as it is. */
function decodeSafely(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
