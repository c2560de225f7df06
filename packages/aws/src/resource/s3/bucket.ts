import type {
  Bucket as ListedBucket,
  ListMultipartUploadsCommandInput,
  ListObjectsV2CommandInput,
  ListObjectVersionsCommandInput,
} from "../../../types/s3.d.ts";
import type { WaitOptions } from "../../client/client-types.ts";
import { ServiceError } from "../../client/errors.ts";
import type { CallOptions } from "../../client/options.ts";
import type {
  Downloaded,
  DownloadedBody,
  DownloadOptions,
  DownloadTarget,
  FileTarget,
} from "../../transfer/download-types.ts";
import type { Transfer } from "../../transfer/transfer.ts";
import type { TransferOptions } from "../../transfer/transfer-types.ts";
import type { Copied, Uploaded, UploadedFile } from "../../transfer/upload-types.ts";
import type { Attributes } from "./attributes.ts";
import { multipartUploads, objects, objectVersions } from "./bucket-collections.ts";
import type { Collection } from "./collection.ts";
import type {
  BucketAcl,
  BucketCors,
  BucketLifecycleConfiguration,
  BucketLogging,
  BucketNotification,
  BucketPolicy,
  BucketRequestPayment,
  BucketTagging,
  BucketVersioning,
  BucketWebsite,
} from "./configurations.ts";
import type { DeletableCollection } from "./deletable-collection.ts";
import type { S3MultipartUpload } from "./multipart-upload.ts";
import type { S3Object } from "./object.ts";
import { isThere, type WaitedFor } from "./object-actions.ts";
import type { S3ObjectSummary } from "./object-summary.ts";
import type { S3ObjectVersion } from "./object-version.ts";
import {
  type ActionInput,
  type ActionOutput,
  checkIdentifiers,
  LoadableResource,
} from "./resource.ts";
import type { S3Resource } from "./s3-resource.ts";

/** A bucket. Its attributes are `creationDate`, `bucketRegion` and `bucketArn`, after `load()`. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- its attributes are getters of the prototype
export class S3Bucket extends LoadableResource<ListedBucket> {
  /** The members of the entries of ListBuckets, without the identifier. */
  static override readonly attributes = `CreationDate BucketRegion BucketArn`;

  readonly name: string;

  constructor(service: S3Resource, name: string, data?: ListedBucket) {
    super(service, data);
    if (data === undefined) checkIdentifiers("a bucket", { name });
    this.name = name;
  }

  /** CreateBucket, in the client's region unless the configuration names another. */
  create(
    input?: ActionInput<"createBucket">,
    options?: CallOptions,
  ): Promise<ActionOutput<"createBucket">> {
    return this.changed(this.meta.client.createBucket({ ...input, Bucket: this.name }, options));
  }

  /** DeleteBucket. @throws `BucketNotEmpty`: delete `objects`, or with versioning `objectVersions`, first */
  delete(
    input?: ActionInput<"deleteBucket">,
    options?: CallOptions,
  ): Promise<ActionOutput<"deleteBucket">> {
    return this.changed(this.meta.client.deleteBucket({ ...input, Bucket: this.name }, options));
  }

  /** DeleteObjects: up to 1,000 keys in one request. What S3 refuses is in the output's `Errors`. */
  deleteObjects(
    input: ActionInput<"deleteObjects">,
    options?: CallOptions,
  ): Promise<ActionOutput<"deleteObjects">> {
    return this.meta.client.deleteObjects({ ...input, Bucket: this.name }, options);
  }

  /** PutObject: stores `Body` under `Key`. */
  async putObject(
    input: ActionInput<"putObject", "Bucket">,
    options?: CallOptions,
  ): Promise<S3Object> {
    await this.meta.client.putObject({ ...input, Bucket: this.name }, options);
    return this.Object(input.Key);
  }

  /** Uploads `Body`, of any kind and length, in parts where it is large: the client's `upload`. */
  upload(input: ActionInput<"putObject", "Bucket">, options?: TransferOptions): Transfer<Uploaded> {
    return this.meta.client.upload({ ...input, Bucket: this.name }, options);
  }

  /** Uploads a file, in parts where it is large: the client's `uploadFile`. */
  uploadFile(
    input: ActionInput<"putObject", "Bucket" | "Body">,
    path: UploadedFile,
    options?: TransferOptions,
  ): Transfer<Uploaded> {
    return this.meta.client.uploadFile({ ...input, Bucket: this.name }, path, options);
  }

  /**
   * Downloads in parts into a file, a stream or a function; without a target, as a `Body` that
   * fetches parts ahead of its reader: the client's `download`.
   */
  download(
    input: ActionInput<"getObject", "Bucket">,
    target: DownloadTarget,
    options?: DownloadOptions,
  ): Transfer<Downloaded>;
  download(
    input: ActionInput<"getObject", "Bucket">,
    target?: undefined,
    options?: DownloadOptions,
  ): Transfer<DownloadedBody>;
  download(
    input: ActionInput<"getObject", "Bucket">,
    target?: DownloadTarget,
    options?: DownloadOptions,
  ): Transfer<Downloaded> {
    const params = { ...input, Bucket: this.name };
    return this.meta.client.download(params, target as DownloadTarget, options);
  }

  /** Downloads into a file, which has its name when all of it is there: the client's `downloadFile`. */
  downloadFile(
    input: ActionInput<"getObject", "Bucket">,
    path: FileTarget,
    options?: DownloadOptions,
  ): Transfer<Downloaded> {
    return this.meta.client.downloadFile({ ...input, Bucket: this.name }, path, options);
  }

  /** Copies `CopySource`, of any size, to `Key`: the client's `copy`. */
  copy(input: ActionInput<"copyObject", "Bucket">, options?: TransferOptions): Transfer<Copied> {
    return this.meta.client.copy({ ...input, Bucket: this.name }, options);
  }

  /** Whether the bucket is there: HeadBucket says so, or 404. @throws any other error: `403`, another's */
  exists(input?: ActionInput<"headBucket">, options?: CallOptions): Promise<boolean> {
    return isThere(this.meta.client.headBucket({ ...input, Bucket: this.name }, options));
  }

  /** Asks every 5 s (`delay`), 20 times, until the bucket is there. @throws WaiterError, TimeoutError */
  waitUntilExists(options?: WaitOptions): Promise<WaitedFor<"bucketExists">> {
    return this.meta.client.waitUntil.bucketExists({ Bucket: this.name }, options);
  }

  /** As `waitUntilExists`, until it is gone. @throws WaiterError, TimeoutError */
  waitUntilNotExists(options?: WaitOptions): Promise<WaitedFor<"bucketNotExists">> {
    return this.meta.client.waitUntil.bucketNotExists({ Bucket: this.name }, options);
  }

  /** The objects: ListObjectsV2. `delete()` deletes what it lists. */
  get objects(): DeletableCollection<S3ObjectSummary, ObjectsFilter> {
    return objects(this.service, this.name);
  }

  /** All versions and delete markers: ListObjectVersions. `delete()` deletes them for good. */
  get objectVersions(): DeletableCollection<S3ObjectVersion, ObjectVersionsFilter> {
    return objectVersions(this.service, this.name);
  }

  /** The uploads that are neither completed nor aborted: ListMultipartUploads. */
  get multipartUploads(): Collection<S3MultipartUpload, MultipartUploadsFilter> {
    return multipartUploads(this.service, this.name);
  }

  Object(key: string): S3Object {
    return this.service.Object(this.name, key);
  }

  Acl(): BucketAcl {
    return this.service.BucketAcl(this.name);
  }

  Cors(): BucketCors {
    return this.service.BucketCors(this.name);
  }

  LifecycleConfiguration(): BucketLifecycleConfiguration {
    return this.service.BucketLifecycleConfiguration(this.name);
  }

  Logging(): BucketLogging {
    return this.service.BucketLogging(this.name);
  }

  Notification(): BucketNotification {
    return this.service.BucketNotification(this.name);
  }

  Policy(): BucketPolicy {
    return this.service.BucketPolicy(this.name);
  }

  RequestPayment(): BucketRequestPayment {
    return this.service.BucketRequestPayment(this.name);
  }

  Tagging(): BucketTagging {
    return this.service.BucketTagging(this.name);
  }

  Versioning(): BucketVersioning {
    return this.service.BucketVersioning(this.name);
  }

  Website(): BucketWebsite {
    return this.service.BucketWebsite(this.name);
  }

  protected override describe(): string {
    return `bucket "${this.name}"`;
  }

  /**
   * Only the list of the caller's own buckets says when one was created. One that is not in it, or
   * a caller who may not list, gets what HeadBucket says; a bucket that is not there is its error.
   */
  protected override async fetch(options?: CallOptions): Promise<ListedBucket> {
    const { client } = this.meta;
    const { name } = this;
    try {
      const listed = client.paginate.listBuckets({ Prefix: name }, options);
      for await (const bucket of listed.items()) if (bucket.Name === name) return bucket;
    } catch (error) {
      // Wrong keys are refused with 403 too: their error says more than that of a HEAD.
      if (!(error instanceof ServiceError && error.code === "AccessDenied")) throw error;
    }
    const { BucketRegion, BucketArn } = await client.headBucket({ Bucket: name }, options);
    return { Name: name, BucketRegion, BucketArn };
  }
}

export interface S3Bucket extends Attributes<ListedBucket, "Name"> {}

/** Parameters of the listing of a bucket's objects. */
export type ObjectsFilter = Omit<ListObjectsV2CommandInput, "Bucket">;
/** Parameters of the listing of a bucket's versions. */
export type ObjectVersionsFilter = Omit<ListObjectVersionsCommandInput, "Bucket">;
/** Parameters of the listing of a bucket's multipart uploads. */
export type MultipartUploadsFilter = Omit<ListMultipartUploadsCommandInput, "Bucket">;
