import type { _Object as ListedObject } from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import type { Attributes } from "./attributes.ts";
import type { S3Object } from "./object.ts";
import { ObjectActions } from "./object-actions.ts";

/**
 * An object as a listing says it: `size`, `eTag`, `lastModified`, `storageClass` without a request.
 * They stay as the listing said them until `load()`, also when the object is changed or deleted.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- its attributes are getters of the prototype
export class S3ObjectSummary extends ObjectActions<ListedObject> {
  /** The members of the entries of ListObjectsV2, without the identifier. */
  static override readonly attributes = `LastModified ETag ChecksumAlgorithm ChecksumType Size StorageClass Owner RestoreStatus`;

  /** The object, with the attributes that HeadObject gives after `load()`. */
  Object(): S3Object {
    return this.service.Object(this.bucketName, this.key);
  }

  protected override async fetch(options?: CallOptions): Promise<ListedObject> {
    const { ContentLength: Size, ...head } = await this.head(options);
    const { ETag, LastModified, StorageClass = "STANDARD", ChecksumType } = head;
    return { Key: this.key, Size, ETag, LastModified, StorageClass, ChecksumType };
  }

  protected override changed<T>(call: T): T {
    return call;
  }
}

export interface S3ObjectSummary extends Attributes<ListedObject, "Key"> {}
