import type { ListedObject, ObjectStorage } from "./object-storage.ts";
import type { ListToken } from "./list-token.ts";
import { compareUtf8 } from "./compare-utf8.ts";
import { noSuchBucket } from "./store-names.ts";

/** What a page of a listing shows. */
export interface ListingRequest {
  readonly prefix: string;
  /** Keys that have it behind the prefix are shown as one common prefix; empty: none. */
  readonly delimiter: string;
  readonly start: ListToken;
  /** Keys and common prefixes together. */
  readonly limit: number;
}

/** A page of a listing, in the order of the keys' bytes. */
export interface ListingPage {
  readonly objects: readonly ListedObject[];
  readonly commonPrefixes: readonly string[];
  /** Where the next page begins; `undefined`: there is nothing more. */
  readonly next: ListToken | undefined;
}

/**
 * One page of a bucket's keys. It is read one further than it shows, so that it knows whether there is more.
 * @throws StoreFailure `NoSuchBucket`
 */
export async function listPage(
  storage: ObjectStorage,
  bucket: string,
  { prefix, delimiter, start, limit }: ListingRequest,
): Promise<ListingPage> {
  const objects: ListedObject[] = [];
  const commonPrefixes: string[] = [];
  let place = placeOf(start, prefix, delimiter);
  let last: ListToken | undefined;
  let batch = delimiter === "" ? limit + 1 : Math.min(limit + 1, 16);
  for (;;) {
    // One more than is shown says whether there is more.
    const asked = Math.min(batch, limit + 1 - objects.length - commonPrefixes.length);
    const found = await storage.list(bucket, { prefix, ...place, limit: asked });
    if (found === "no-bucket") throw noSuchBucket(bucket);
    let skipped = false;
    for (const object of found) {
      if (objects.length + commonPrefixes.length === limit) {
        return { objects, commonPrefixes, next: last };
      }
      const common = commonPrefixOf(object.key, prefix, delimiter);
      if (common === undefined) {
        objects.push(object);
        last = place = { after: object.key };
        continue;
      }
      commonPrefixes.push(common);
      last = place = { past: common };
      skipped = true;
      break;
    }
    if (!skipped && found.length < asked) return { objects, commonPrefixes, next: undefined };
    // What is behind a common prefix is asked for anew: little where they come one after another.
    batch = skipped ? 2 : batch * 4;
  }
}

/** What a key is shown as, if not as itself. */
function commonPrefixOf(key: string, prefix: string, delimiter: string): string | undefined {
  if (delimiter === "") return undefined;
  const at = key.indexOf(delimiter, prefix.length);
  return at < 0 ? undefined : key.slice(0, at + delimiter.length);
}

/** A start in the middle of a common prefix is behind all of it: it was shown, or was not wanted. */
function placeOf({ after, past }: ListToken, prefix: string, delimiter: string): ListToken {
  if (after === undefined || !after.startsWith(prefix)) return { after, past };
  const common = commonPrefixOf(after, prefix, delimiter);
  return common !== undefined && compareUtf8(after, common) >= 0 ? { past: common } : { after };
}
