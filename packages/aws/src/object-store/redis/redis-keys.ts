import { crypto } from "../../builtin/crypto.ts";

/** The set of the buckets' names. Source: aws-client.md §15.2, as all names here. */
export const bucketsKey = "s3://";

/** The value of an object: its bytes. */
export function valueKey(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}

/** The hash of what is known of an object. @param value key of its value */
export function metadataKey(value: string): string {
  return `s3m:{${value}}`;
}

/** The field of that hash. What is in it: `recordText`. */
export const recordField = "object";

/** A bucket's keys in order. */
export function indexKey(bucket: string): string {
  return `s3i:${bucket}`;
}

/** When a bucket was made. */
export function createdKey(bucket: string): string {
  return `s3c:${bucket}`;
}

/** The set of a bucket's uploads; those that have expired may still be in it. */
export function uploadsKey(bucket: string): string {
  return `s3us:${bucket}`;
}

/** The hash of an upload: what it is, and a field `p<number>` for each part, whose bytes are `s3p:<id>:<number>`. */
export function uploadKey(id: string): string {
  return `s3u:${id}`;
}

const processId = crypto.randomBytes(9).toString("base64url");
let count = 0;

/** A text that no other write has, of this process or another. */
export function newVersion(): string {
  count++;
  return `${processId}${count.toString(36)}`;
}

/** Bytes on their way to their place; gone by themselves if their writer dies. */
export function stagingKey(version: string): string {
  return `s3t:${version}`;
}

/** Milliseconds that staged bytes live. */
export const stagingMs = 300_000;
