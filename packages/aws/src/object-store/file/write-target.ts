import type { WriteCondition } from "../object-storage.ts";
import type { LocatedFile } from "./file-parts.ts";
import { keyPath, type KeyPath } from "./key-path.ts";
import { isSameFile, keyName, type FoundEntry, type SidecarEntry } from "./sidecar.ts";

/** How often a folder may vanish, or a file come into its way, before a write gives up. */
export const attemptsMax = 100;

/** An object that is written or deleted. */
export interface WriteTarget {
  readonly bucket: string;
  readonly key: string;
  readonly path: KeyPath;
  /** Of its sidecar and its lock. */
  readonly name: string;
  /** What was read of the file that is there, for a condition on its ETag. */
  known: SidecarEntry | undefined;
}

/** The target of a key. */
export function writeTarget(bucket: string, key: string): WriteTarget {
  return { bucket, key, path: keyPath(key), name: keyName(bucket, key), known: undefined };
}

/** What is known of the file that is there, under the lock of its key. */
export function knownEntry(
  { known }: WriteTarget,
  { status }: LocatedFile,
  found: FoundEntry | undefined,
): SidecarEntry | undefined {
  if (found?.entry.etag !== undefined) return found.entry;
  return known !== undefined && isSameFile(known, status) ? known : found?.entry;
}

/** Why a condition forbids a write; `unknown`: the ETag must be found out first. */
export function refusalOf(
  { ifMatch, ifNone }: WriteCondition,
  present: LocatedFile | undefined,
  entry: SidecarEntry | undefined,
): "no-key" | "condition" | "unknown" | undefined {
  if (ifNone === true && present !== undefined) return "condition";
  if (ifMatch === undefined) return undefined;
  if (present === undefined) return "no-key";
  if (ifMatch === "*") return undefined;
  if (entry?.etag === undefined) return "unknown";
  return ifMatch === entry.etag ? undefined : "condition";
}
