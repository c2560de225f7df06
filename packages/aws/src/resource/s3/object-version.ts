import type { DeleteMarkerEntry, ObjectVersion } from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import type { Attributes } from "./attributes.ts";
import type { S3Object } from "./object.ts";
import {
  type ActionInput,
  type ActionOutput,
  checkIdentifiers,
  ResourceWithAttributes,
} from "./resource.ts";
import type { S3Resource } from "./s3-resource.ts";

/** A version as a listing says it; a delete marker is one too. */
export interface ListedVersion extends ObjectVersion {
  IsDeleteMarker?: boolean | undefined;
}

/**
 * A version of an object, or a delete marker. Its attributes (`size`, `isLatest`, `isDeleteMarker`…)
 * come with a listing, `bucket.objectVersions`, and in no other way.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- its attributes are getters of the prototype
export class S3ObjectVersion extends ResourceWithAttributes<ListedVersion> {
  /** The members of the entries of ListObjectVersions, without the identifiers, and ours. */
  static override readonly attributes = `ETag ChecksumAlgorithm ChecksumType Size StorageClass IsLatest LastModified Owner
    RestoreStatus IsDeleteMarker`;

  readonly bucketName: string;
  readonly objectKey: string;
  /** The version's id; `"null"` for one that was made without versioning. */
  readonly id: string;

  constructor(
    service: S3Resource,
    bucketName: string,
    objectKey: string,
    id: string,
    data?: ListedVersion,
  ) {
    super(service, data);
    if (data === undefined) checkIdentifiers("a version", { bucketName, objectKey, id });
    this.bucketName = bucketName;
    this.objectKey = objectKey;
    this.id = id;
  }

  /** GetObject of this version. @throws `MethodNotAllowed` for a delete marker */
  get(
    input?: ActionInput<"getObject", Given>,
    options?: CallOptions,
  ): Promise<ActionOutput<"getObject">> {
    return this.meta.client.getObject({ ...input, ...this.#place }, options);
  }

  /** HeadObject of this version. */
  head(
    input?: ActionInput<"headObject", Given>,
    options?: CallOptions,
  ): Promise<ActionOutput<"headObject">> {
    return this.meta.client.headObject({ ...input, ...this.#place }, options);
  }

  /** DeleteObject of this version: for good. */
  delete(
    input?: ActionInput<"deleteObject", Given>,
    options?: CallOptions,
  ): Promise<ActionOutput<"deleteObject">> {
    return this.meta.client.deleteObject({ ...input, ...this.#place }, options);
  }

  Object(): S3Object {
    return this.service.Object(this.bucketName, this.objectKey);
  }

  protected override describe(): string {
    return `version "${this.id}" of object "${this.bucketName}/${this.objectKey}"`;
  }

  protected override remedy(): string {
    return "take it from bucket.objectVersions, or ask with head()";
  }

  get #place(): { Bucket: string; Key: string; VersionId: string } {
    return { Bucket: this.bucketName, Key: this.objectKey, VersionId: this.id };
  }
}

type Given = "Bucket" | "Key" | "VersionId";

export interface S3ObjectVersion extends Attributes<ListedVersion, "Key" | "VersionId"> {}

/** The versions of a page, then its delete markers: as boto3 lists them. */
export function listedVersions(page: {
  readonly Versions?: readonly ObjectVersion[] | undefined;
  readonly DeleteMarkers?: readonly DeleteMarkerEntry[] | undefined;
}): ListedVersion[] {
  const versions = (page.Versions ?? []).map((version) => ({ ...version, IsDeleteMarker: false }));
  const markers = (page.DeleteMarkers ?? []).map((marker) => ({ ...marker, IsDeleteMarker: true }));
  return [...versions, ...markers];
}
