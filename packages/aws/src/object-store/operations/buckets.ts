import type { CreateBucketRequest, ListBucketsRequest } from "../../../types/s3.d.ts";
import type { Input, Output } from "../../protocol/protocol.ts";
import type { StoredBucket } from "../object-storage.ts";
import type { StoreCall } from "../store-call.ts";
import { StoreFailure } from "../store-errors.ts";
import { checkBucket, checkNewBucket, noSuchBucket } from "../store-names.ts";
import { readToken, writeToken } from "../list-token.ts";
import { compareUtf8 } from "../compare-utf8.ts";

/** Buckets of one page. Source: the Amazon S3 API Reference, ListBuckets. */
const bucketsMax = 10_000;

/** Makes a bucket. */
export async function createBucket({ storage }: StoreCall, input: Input): Promise<Output> {
  const { Bucket } = input as unknown as CreateBucketRequest;
  checkNewBucket(Bucket);
  if ((await storage.createBucket(Bucket, Date.now())) === "exists") {
    throw new StoreFailure("BucketAlreadyOwnedByYou", {
      message: `The bucket "${Bucket}" exists, and it is yours`,
      members: { BucketName: Bucket },
    });
  }
  return { Location: `/${Bucket}` };
}

/** Deletes an empty bucket. */
export async function deleteBucket({ storage }: StoreCall, input: Input): Promise<Output> {
  const bucket = input["Bucket"] as string;
  checkBucket(bucket);
  const outcome = await storage.deleteBucket(bucket);
  if (outcome === "no-bucket") throw noSuchBucket(bucket);
  if (outcome === "not-empty") {
    throw new StoreFailure("BucketNotEmpty", { members: { BucketName: bucket } });
  }
  return {};
}

/** Says whether there is a bucket. */
export async function headBucket(call: StoreCall, input: Input): Promise<Output> {
  await existingBucket(call, input["Bucket"] as string);
  const { region } = call.engine;
  return region === undefined ? {} : { BucketRegion: region };
}

/** Where a bucket is; a store is nowhere, as us-east-1 is. */
export async function getBucketLocation(call: StoreCall, input: Input): Promise<Output> {
  await existingBucket(call, input["Bucket"] as string);
  return {};
}

/** The bucket of an input. @throws StoreFailure `NoSuchBucket` */
export async function existingBucket({ storage }: StoreCall, name: string): Promise<StoredBucket> {
  checkBucket(name);
  const bucket = await storage.bucket(name);
  if (bucket === undefined) throw noSuchBucket(name);
  return bucket;
}

/** All buckets, page by page when the caller wants pages. */
export async function listBuckets({ storage }: StoreCall, input: Input): Promise<Output> {
  const { Prefix, ContinuationToken, MaxBuckets } = input as ListBucketsRequest;
  const after = typeof ContinuationToken === "string" ? readToken(ContinuationToken).after : "";
  const wanted = (await storage.buckets()).filter(
    ({ name }) => name.startsWith(Prefix ?? "") && (!after || compareUtf8(name, after) > 0),
  );
  const limit = MaxBuckets ?? bucketsMax;
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= bucketsMax)) {
    throw new StoreFailure("InvalidArgument", {
      message: `Argument max-buckets must be an integer between 1 and ${bucketsMax}`,
      members: { ArgumentName: "max-buckets", ArgumentValue: String(limit) },
    });
  }
  const page = wanted.slice(0, limit);
  const output: Output = {
    Buckets: page.map(({ name, created }) => ({
      Name: name,
      ...(created !== undefined && { CreationDate: new Date(created) }),
    })),
  };
  if (typeof Prefix === "string") output["Prefix"] = Prefix;
  if (wanted.length > page.length) {
    output["ContinuationToken"] = writeToken({ after: page.at(-1)?.name ?? "" });
  }
  return output;
}
