import { type CopySource, parseCopySource } from "../rules/copy-source.ts";
import { StoreFailure } from "./store-errors.ts";
import { refuseVersion } from "./object-members.ts";
import { checkBucket, checkKey } from "./store-names.ts";

/**
 * The object of a `CopySource` of text.
 * @throws StoreFailure
 */
export function copySourceOf(text: string): CopySource {
  const source = parseCopySource(text);
  if (source === undefined) {
    throw new StoreFailure("InvalidArgument", {
      message: `The copy source "${text}" is no "bucket/key"`,
      members: { ArgumentName: "x-amz-copy-source", ArgumentValue: text },
    });
  }
  refuseVersion(source.versionId);
  checkBucket(source.bucket);
  checkKey(source.key);
  return source;
}
