import type { Awaitable, Tag } from "../object-storage.ts";
import { folderOf, hasBucket, locate, type FileParts } from "./file-parts.ts";
import { openFolder } from "./open-folder.ts";
import { foreignEntry } from "./sidecar.ts";
import { writeTarget } from "./write-target.ts";

/** Replaces the tags of an object. */
export function setFileTags(
  { place, locks, sidecars }: FileParts,
  bucket: string,
  key: string,
  tags: readonly Tag[],
): Awaitable<"done" | "no-bucket" | "no-key"> {
  const { root } = place;
  if (root === undefined || !hasBucket(root, bucket)) return "no-bucket";
  const { path, name } = writeTarget(bucket, key);
  return locks.hold([name], () => {
    const folder = openFolder(root, folderOf(bucket, path));
    if (folder === undefined) return "no-key";
    try {
      const present = locate(folder.base, path.name);
      if (present === undefined) return "no-key";
      const found =
        sidecars.find(bucket, name, present.status) ??
        sidecars.findCopied(bucket, name, present.status);
      const { ino, size, mtimeMs } = present.status;
      const known = found?.entry ?? foreignEntry(present.status);
      sidecars.replace(bucket, name, key, { ...known, ino, size, mtimeMs, tags }, found?.slot);
      if (place.fsync) sidecars.sync(bucket, name);
      return "done";
    } finally {
      folder.close();
    }
  });
}
