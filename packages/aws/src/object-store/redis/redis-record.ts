import type { ObjectDetails, ObjectRecord, Tag } from "../object-storage.ts";

const noDetails: ObjectDetails = {};
const noTags: readonly Tag[] = [];

/** `details` as text; nothing when there are none. */
export function detailsText(details: ObjectDetails): string {
  for (const _name in details) return JSON.stringify(details);
  return "";
}

/** Tags as text; nothing when there are none. */
export function tagsText(tags: readonly Tag[]): string {
  return tags.length === 0 ? "" : JSON.stringify(tags);
}

/** Reads what `detailsText` has written. */
export function parseDetails(text: string | null): ObjectDetails {
  return text === null || text === "" ? noDetails : (JSON.parse(text) as ObjectDetails);
}

/** Reads what `tagsText` has written. */
export function parseTags(text: string | null): readonly Tag[] {
  return text === null || text === "" ? noTags : (JSON.parse(text) as Tag[]);
}

/**
 * A record as the field `object` of an object's hash has it: ETag, time and size, separated by blanks (and
 * the SHA-1 of the value, which scripts append where others write, too); details as JSON on a second line,
 * tags on a third. Up to 64 bytes Redis keeps small hashes in their small form: a record without details
 * has no more.
 */
export function recordText({ etag = "", modified, size, details, tags }: ObjectRecord): string {
  const line = `${etag} ${modified ?? ""} ${size}`;
  const more = detailsText(details);
  if (tags.length > 0) return `${line}\n${more}\n${tagsText(tags)}`;
  return more === "" ? line : `${line}\n${more}`;
}

/** Reads what `recordText` has written. `hasHash`: whether the value has to be compared with its SHA-1. */
export function parseRecord(text: string): { record: ObjectRecord; hasHash: boolean } {
  const lineEnd = text.indexOf("\n");
  const line = lineEnd < 0 ? text : text.slice(0, lineEnd);
  const [etag = "", modified = "", size, sha1] = line.split(" ");
  let details = noDetails;
  let tags = noTags;
  if (lineEnd >= 0) {
    const [, detailsLine = "", tagsLine = ""] = text.split("\n");
    details = parseDetails(detailsLine);
    tags = parseTags(tagsLine);
  }
  const record = {
    size: Number(size),
    etag: etag === "" ? undefined : etag,
    modified: modified === "" ? undefined : Number(modified),
    details,
    tags,
  };
  return { record, hasHash: sha1 !== undefined };
}
