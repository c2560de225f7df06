import type { Part } from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import type { Attributes } from "./attributes.ts";
import type { S3MultipartUpload } from "./multipart-upload.ts";
import {
  type ActionInput,
  type ActionOutput,
  checkIdentifiers,
  ResourceWithAttributes,
} from "./resource.ts";
import type { S3Resource } from "./s3-resource.ts";

/**
 * A part of a multipart upload. Its attributes (`size`, `eTag`…) come with a listing,
 * `upload.parts`, and in no other way.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- its attributes are getters of the prototype
export class S3MultipartUploadPart extends ResourceWithAttributes<Part> {
  /** The members of the entries of ListParts, without the identifier. */
  static override readonly attributes = `LastModified ETag Size ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1
    ChecksumSHA256 ChecksumSHA512 ChecksumMD5 ChecksumXXHASH64 ChecksumXXHASH3
    ChecksumXXHASH128`;

  readonly bucketName: string;
  readonly objectKey: string;
  readonly multipartUploadId: string;
  /** 1 to 10,000. */
  readonly partNumber: number;

  constructor(
    service: S3Resource,
    bucketName: string,
    objectKey: string,
    multipartUploadId: string,
    partNumber: number,
    data?: Part,
  ) {
    super(service, data);
    if (data === undefined) {
      checkIdentifiers("a part", { bucketName, objectKey, multipartUploadId });
      if (!(Number.isInteger(partNumber) && partNumber >= 1 && partNumber <= 10_000)) {
        throw new RangeError(`Cannot make a part with the number ${partNumber}: give 1 to 10,000`);
      }
    }
    this.bucketName = bucketName;
    this.objectKey = objectKey;
    this.multipartUploadId = multipartUploadId;
    this.partNumber = partNumber;
  }

  /** UploadPart: `Body` is the part; its `ETag` is what `complete` needs. */
  upload(
    input?: ActionInput<"uploadPart", Given>,
    options?: CallOptions,
  ): Promise<ActionOutput<"uploadPart">> {
    return this.meta.client.uploadPart({ ...input, ...this.#place }, options);
  }

  /** UploadPartCopy: the part is a copy of `CopySource`, or of a range of it. */
  copyFrom(
    input: ActionInput<"uploadPartCopy", Given>,
    options?: CallOptions,
  ): Promise<ActionOutput<"uploadPartCopy">> {
    return this.meta.client.uploadPartCopy({ ...input, ...this.#place }, options);
  }

  MultipartUpload(): S3MultipartUpload {
    return this.service.MultipartUpload(this.bucketName, this.objectKey, this.multipartUploadId);
  }

  protected override describe(): string {
    return `part ${this.partNumber} of an upload of "${this.bucketName}/${this.objectKey}"`;
  }

  protected override remedy(): string {
    return "take it from upload.parts";
  }

  get #place(): { Bucket: string; Key: string; UploadId: string; PartNumber: number } {
    const { bucketName: Bucket, objectKey: Key, multipartUploadId: UploadId } = this;
    return { Bucket, Key, UploadId, PartNumber: this.partNumber };
  }
}

type Given = "Bucket" | "Key" | "UploadId" | "PartNumber";

export interface S3MultipartUploadPart extends Attributes<Part, "PartNumber"> {}
