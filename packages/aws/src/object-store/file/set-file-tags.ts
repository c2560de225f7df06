import type { Awaitable, Tag } from "../object-storage.ts";
import { folderOf, hasBucket, locate, type FileParts } from "./file-parts.ts";
import { openFolder } from "./open-folder.ts";
import { copiedEntryOf, entryOf, foreignEntry } from "./sidecar.ts";
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
      const sidecar = sidecars.read(bucket, name);
      const entry =
        entryOf(sidecar, present.status) ??
        (sidecar && copiedEntryOf(sidecar, present.status)) ??
        foreignEntry(present.status);
      const { ino, size, mtimeMs } = present.status;
      sidecars.write(bucket, name, key, [{ ...entry, ino, size, mtimeMs, tags }]);
      if (place.fsync) sidecars.sync(bucket, name);
      return "done";
    } finally {
      folder.close();
    }
  });
}
