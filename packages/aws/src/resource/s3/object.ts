import type { HeadObjectCommandOutput } from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import type { Attributes } from "./attributes.ts";
import { ObjectActions } from "./object-actions.ts";

/**
 * An object: a key in a bucket. Its attributes (`contentLength`, `eTag`, `metadata`…) are those of
 * HeadObject, after `load()`; the member `Restore`, whose name is taken, is `restoreState`.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- its attributes are getters of the prototype
export class S3Object extends ObjectActions<HeadObjectCommandOutput> {
  /** The members of HeadObject's output. */
  static override readonly attributes = `DeleteMarker AcceptRanges Expiration Restore ArchiveStatus LastModified ContentLength
    ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256 ChecksumSHA512
    ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3 ChecksumXXHASH128 ChecksumType ETag
    MissingMeta VersionId CacheControl ContentDisposition ContentEncoding ContentLanguage
    ContentType ContentRange Expires ExpiresString WebsiteRedirectLocation
    ServerSideEncryption Metadata SSECustomerAlgorithm SSECustomerKeyMD5 SSEKMSKeyId
    BucketKeyEnabled StorageClass RequestCharged ReplicationStatus PartsCount TagCount
    ObjectLockMode ObjectLockRetainUntilDate ObjectLockLegalHoldStatus ObjectLockEventHold
    ObjectLockEventHoldDurationDays ObjectLockEventHoldDurationYears`;
  static override readonly renamed = { Restore: "restoreState" };

  protected override fetch(options?: CallOptions): Promise<HeadObjectCommandOutput> {
    return this.head(options);
  }
}

export interface S3Object extends Attributes<HeadObjectCommandOutput, "Restore"> {
  /** `ongoing-request="true"`, or until when a restored copy is kept. */
  readonly restoreState?: string | undefined;
}
