import type { ListBucketsCommandInput, S3Client } from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import { S3Bucket } from "./bucket.ts";
import { Collection } from "./collection.ts";
import * as configurations from "./configurations.ts";
import { S3MultipartUpload } from "./multipart-upload.ts";
import type { S3MultipartUploadPart } from "./multipart-upload-part.ts";
import { S3Object } from "./object.ts";
import { S3ObjectSummary } from "./object-summary.ts";
import { S3ObjectVersion } from "./object-version.ts";
import type { ActionInput, ResourceMeta } from "./resource.ts";

/**
 * S3 as resources: buckets, objects, and what belongs to them, as boto3 has them. Resources are made
 * from their names, without a request.
 */
export class S3Resource implements AsyncDisposable {
  readonly #meta: ResourceMeta;

  constructor(client: S3Client) {
    this.#meta = { client };
  }

  get meta(): ResourceMeta {
    return this.#meta;
  }

  /** CreateBucket, in the client's region unless the configuration names another. */
  async createBucket(
    input: ActionInput<"createBucket", never>,
    options?: CallOptions,
  ): Promise<S3Bucket> {
    await this.meta.client.createBucket(input, options);
    return this.Bucket(input.Bucket);
  }

  /** The caller's buckets: ListBuckets. */
  get buckets(): Collection<S3Bucket, BucketsFilter> {
    const { client } = this.meta;
    // oxlint-disable-next-line typescript/no-this-alias
    const service = this;
    return new Collection({
      name: "buckets",
      limitKey: "MaxBuckets",
      pages: async function* (params: BucketsFilter, options: CallOptions) {
        for await (const { Buckets = [] } of client.paginate.listBuckets(params, options)) {
          yield Buckets.map((data) => new S3Bucket(service, data.Name ?? "", data));
        }
      },
    });
  }

  Bucket(name: string): S3Bucket {
    return new S3Bucket(this, name);
  }

  Object(bucketName: string, key: string): S3Object {
    return new S3Object(this, bucketName, key);
  }

  ObjectSummary(bucketName: string, key: string): S3ObjectSummary {
    return new S3ObjectSummary(this, bucketName, key);
  }

  ObjectVersion(bucketName: string, objectKey: string, id: string): S3ObjectVersion {
    return new S3ObjectVersion(this, bucketName, objectKey, id);
  }

  MultipartUpload(bucketName: string, objectKey: string, id: string): S3MultipartUpload {
    return new S3MultipartUpload(this, bucketName, objectKey, id);
  }

  MultipartUploadPart(
    bucketName: string,
    objectKey: string,
    multipartUploadId: string,
    partNumber: number,
  ): S3MultipartUploadPart {
    return this.MultipartUpload(bucketName, objectKey, multipartUploadId).Part(partNumber);
  }

  ObjectAcl(bucketName: string, objectKey: string): configurations.ObjectAcl {
    return configurations.objectAccess(this, bucketName, objectKey);
  }

  BucketAcl(bucketName: string): configurations.BucketAcl {
    return configurations.bucketAcl(this, bucketName);
  }

  BucketCors(bucketName: string): configurations.BucketCors {
    return configurations.bucketCors(this, bucketName);
  }

  BucketLifecycleConfiguration(bucketName: string): configurations.BucketLifecycleConfiguration {
    return configurations.bucketLifecycleConfiguration(this, bucketName);
  }

  BucketLogging(bucketName: string): configurations.BucketLogging {
    return configurations.bucketLogging(this, bucketName);
  }

  BucketNotification(bucketName: string): configurations.BucketNotification {
    return configurations.bucketNotification(this, bucketName);
  }

  BucketPolicy(bucketName: string): configurations.BucketPolicy {
    return configurations.bucketPolicy(this, bucketName);
  }

  BucketRequestPayment(bucketName: string): configurations.BucketRequestPayment {
    return configurations.bucketRequestPayment(this, bucketName);
  }

  BucketTagging(bucketName: string): configurations.BucketTagging {
    return configurations.bucketTagging(this, bucketName);
  }

  BucketVersioning(bucketName: string): configurations.BucketVersioning {
    return configurations.bucketVersioning(this, bucketName);
  }

  BucketWebsite(bucketName: string): configurations.BucketWebsite {
    return configurations.bucketWebsite(this, bucketName);
  }

  /** Closes the client: no more calls, those in flight end. */
  close(): Promise<void> {
    return this.meta.client.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Parameters of the listing of buckets: `{ Prefix }`, `{ BucketRegion }`. */
export type BucketsFilter = ListBucketsCommandInput;
