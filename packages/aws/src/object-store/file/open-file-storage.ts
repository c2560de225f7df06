import type { ObjectStorage } from "../object-storage.ts";
import { FileStorage } from "./file-storage.ts";
import { parseFileUrl } from "./file-url.ts";

/**
 * Opens the store of a URL `file:///folder`. Nothing is read or made before the first operation: without
 * the folder there are no buckets, and the first bucket makes it.
 * @throws ConfigurationError for a URL that is none
 */
export function openFileStorage(url: string): ObjectStorage {
  const { folder, fsync } = parseFileUrl(url);
  return new FileStorage(url, folder, fsync);
}
