import type { PutObjectTaggingRequest } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import { checkTags, refuseVersion } from "../object-members.ts";
import type { Tag } from "../object-storage.ts";
import type { StoreCall } from "../store-call.ts";
import { checkBucket, checkKey, noSuchBucket, noSuchKey } from "../store-names.ts";
import { found } from "./get-object.ts";

/** Replaces the tags of an object. */
export async function putObjectTagging(call: StoreCall, input: Input): Promise<Output> {
  const { Tagging } = input as unknown as PutObjectTaggingRequest;
  return replaceTags(call, input, checkTags(Tagging.TagSet));
}

/** Takes the tags of an object away. */
export function deleteObjectTagging(call: StoreCall, input: Input): Promise<Output> {
  return replaceTags(call, input, []);
}

/** The tags of an object. */
export async function getObjectTagging({ storage }: StoreCall, input: Input): Promise<Output> {
  const [bucket, key] = objectOf(input);
  const options = { body: "none", streamAbove: 0 } as const;
  const { record } = found(await storage.read(bucket, key, options), bucket, key);
  return { TagSet: record.tags.map(({ Key, Value }) => ({ Key, Value })) };
}

async function replaceTags(
  { storage }: StoreCall,
  input: Input,
  tags: readonly Tag[],
): Promise<Output> {
  const [bucket, key] = objectOf(input);
  const outcome = await storage.setTags(bucket, key, tags);
  if (outcome === "no-bucket") throw noSuchBucket(bucket);
  if (outcome === "no-key") throw noSuchKey(key);
  return {};
}

function objectOf({ Bucket, Key, VersionId }: Input): [bucket: string, key: string] {
  checkBucket(Bucket as string);
  checkKey(Key as string);
  refuseVersion(VersionId);
  return [Bucket as string, Key as string];
}
