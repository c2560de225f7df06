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

/** Texts of an object's hash. */
export interface RecordTexts {
  readonly etag: string | null;
  readonly modified: string | null;
  readonly details: string | null;
  readonly tags: string | null;
}

/** The record of an object that this store has written. */
export function parseRecord(size: number, texts: RecordTexts): ObjectRecord {
  const { etag, modified, details, tags } = texts;
  return {
    size,
    etag: etag ?? undefined,
    modified: modified === null || modified === "" ? undefined : Number(modified),
    details: parseDetails(details),
    tags: parseTags(tags),
  };
}
