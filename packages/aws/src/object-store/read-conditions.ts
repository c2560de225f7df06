import type { ObjectRecord } from "./object-storage.ts";

/** Conditions on an object that is read. */
export interface ReadConditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: Date | undefined;
  readonly ifUnmodifiedSince?: Date | undefined;
}

/** Which condition does not hold. `not-modified`: the caller has the object already. */
export type ConditionFailure =
  | { readonly kind: "not-modified" }
  | { readonly kind: "failed"; readonly condition: string };

/**
 * What is wrong with an object that is read under conditions. An ETag is stronger than a time: `If-Match`
 * that holds overrules `If-Unmodified-Since`, `If-None-Match` that does not overrules `If-Modified-Since`.
 * Source: RFC 9110, 13.2.2, and GetObject in the Amazon S3 API Reference.
 */
export function failedCondition(
  { etag, modified }: Pick<ObjectRecord, "etag" | "modified">,
  conditions: ReadConditions,
): ConditionFailure | undefined {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince } = conditions;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, etag)) return { kind: "failed", condition: "If-Match" };
  } else if (ifUnmodifiedSince !== undefined && isAfter(modified, ifUnmodifiedSince)) {
    return { kind: "failed", condition: "If-Unmodified-Since" };
  }
  if (ifNoneMatch !== undefined) {
    return matches(ifNoneMatch, etag) ? { kind: "not-modified" } : undefined;
  }
  if (ifModifiedSince !== undefined && !isAfter(modified, ifModifiedSince)) {
    return { kind: "not-modified" };
  }
  return undefined;
}

/** Whether one of the ETags of a header is the object's; quotes may be left out. */
function matches(header: string, etag: string | undefined): boolean {
  return header.split(",").some((each) => {
    const wanted = each.trim();
    return wanted === "*" || quotedEtag(wanted) === etag;
  });
}

/** An ETag as it is kept: with quotes, and without the mark of a weak one. */
export function quotedEtag(etag: string): string {
  const strong = etag.startsWith("W/") ? etag.slice(2) : etag;
  return strong.startsWith('"') ? strong : `"${strong}"`;
}

/** Times on the wire have whole seconds, and so are compared. An unknown time is always new. */
function isAfter(modified: number | undefined, since: Date): boolean {
  if (modified === undefined) return true;
  return Math.floor(modified / 1000) > Math.floor(since.getTime() / 1000);
}
