import assert from "node:assert/strict";
import type { S3Client } from "@lambdad/aws/s3";

interface Page {
  readonly Contents?: readonly { readonly Key?: string | undefined }[] | undefined;
  readonly CommonPrefixes?: readonly { readonly Prefix?: string | undefined }[] | undefined;
}

/** Keys of a page. */
export function keysOf({ Contents = [] }: Page): (string | undefined)[] {
  return Contents.map(({ Key }) => Key);
}

/** Common prefixes of a page. */
export function prefixesOf({ CommonPrefixes = [] }: Page): (string | undefined)[] {
  return CommonPrefixes.map(({ Prefix }) => Prefix);
}

/** Puts objects whose content is their key, some at a time. */
export async function put(s3: S3Client, Bucket: string, keys: readonly string[]): Promise<void> {
  const rest = [...keys];
  const worker = async (): Promise<void> => {
    for (let Key = rest.pop(); Key !== undefined; Key = rest.pop()) {
      await s3.putObject({ Bucket, Key, Body: Key });
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

type ListInput = Parameters<S3Client["listObjectsV2"]>[0];

/** Follows ListObjectsV2 to its end, by its tokens. At most 10,000 pages. */
export async function walk(
  s3: S3Client,
  input: ListInput,
): Promise<{ keys: (string | undefined)[]; prefixes: (string | undefined)[]; pages: number }> {
  const keys: (string | undefined)[] = [];
  const prefixes: (string | undefined)[] = [];
  let ContinuationToken: string | undefined;
  for (let pages = 1; pages <= 10_000; pages += 1) {
    const page = await s3.listObjectsV2({ ...input, ContinuationToken });
    keys.push(...keysOf(page));
    prefixes.push(...prefixesOf(page));
    ContinuationToken = page.NextContinuationToken;
    const isLast = ContinuationToken === undefined;
    assert.equal(page.IsTruncated, !isLast, "IsTruncated says whether there is a token");
    if (isLast) return { keys, prefixes, pages };
  }
  throw new Error("Cannot list: the pages do not end");
}
