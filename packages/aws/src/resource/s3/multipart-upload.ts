import type {
  CompletedMultipartUpload,
  ListPartsCommandInput,
  MultipartUpload,
} from "../../../types/s3.d.ts";
import type { CallOptions } from "../../client/options.ts";
import type { Attributes } from "./attributes.ts";
import { Collection } from "./collection.ts";
import { S3MultipartUploadPart } from "./multipart-upload-part.ts";
import type { S3Object } from "./object.ts";
import {
  type ActionInput,
  type ActionOutput,
  checkIdentifiers,
  ResourceWithAttributes,
} from "./resource.ts";
import type { S3Resource } from "./s3-resource.ts";

/**
 * A multipart upload that is neither completed nor aborted yet. Its attributes (`initiated`,
 * `storageClass`…) come with a listing, `bucket.multipartUploads`, and in no other way.
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- its attributes are getters of the prototype
export class S3MultipartUpload extends ResourceWithAttributes<MultipartUpload> {
  /** The members of the entries of ListMultipartUploads, without the identifiers. */
  static override readonly attributes = `Initiated StorageClass Owner Initiator ChecksumAlgorithm ChecksumType VersionId`;

  readonly bucketName: string;
  readonly objectKey: string;
  /** S3's `UploadId`. */
  readonly id: string;

  constructor(
    service: S3Resource,
    bucketName: string,
    objectKey: string,
    id: string,
    data?: MultipartUpload,
  ) {
    super(service, data);
    if (data === undefined) checkIdentifiers("an upload", { bucketName, objectKey, id });
    this.bucketName = bucketName;
    this.objectKey = objectKey;
    this.id = id;
  }

  /** AbortMultipartUpload: its parts are deleted. */
  abort(
    input?: ActionInput<"abortMultipartUpload", Given>,
    options?: CallOptions,
  ): Promise<ActionOutput<"abortMultipartUpload">> {
    return this.meta.client.abortMultipartUpload({ ...input, ...this.#place }, options);
  }

  /** CompleteMultipartUpload: makes the object of the parts that `MultipartUpload.Parts` lists. */
  async complete(input: CompleteInput, options?: CallOptions): Promise<S3Object> {
    await this.meta.client.completeMultipartUpload({ ...input, ...this.#place }, options);
    return this.Object();
  }

  /** The parts that have arrived: ListParts. */
  get parts(): Collection<S3MultipartUploadPart, PartsFilter> {
    const { service, bucketName, objectKey, id } = this;
    return new Collection({
      name: "parts",
      limitKey: "MaxParts",
      pages: async function* (params: PartsFilter, options: CallOptions) {
        const place = { Bucket: bucketName, Key: objectKey, UploadId: id };
        const { paginate } = service.meta.client;
        for await (const { Parts = [] } of paginate.listParts({ ...params, ...place }, options)) {
          yield Parts.map(
            (part) =>
              new S3MultipartUploadPart(
                service,
                bucketName,
                objectKey,
                id,
                part.PartNumber ?? 0,
                part,
              ),
          );
        }
      },
    });
  }

  /** A part by its number, 1 to 10,000. */
  Part(partNumber: number): S3MultipartUploadPart {
    const { service, bucketName, objectKey, id } = this;
    return new S3MultipartUploadPart(service, bucketName, objectKey, id, partNumber);
  }

  Object(): S3Object {
    return this.service.Object(this.bucketName, this.objectKey);
  }

  protected override describe(): string {
    return `multipart upload "${this.id}" of "${this.bucketName}/${this.objectKey}"`;
  }

  protected override remedy(): string {
    return "take it from bucket.multipartUploads";
  }

  get #place(): { Bucket: string; Key: string; UploadId: string } {
    return { Bucket: this.bucketName, Key: this.objectKey, UploadId: this.id };
  }
}

type Given = "Bucket" | "Key" | "UploadId";

/** Input of `complete`: S3 needs the parts' numbers and ETags. */
export interface CompleteInput extends ActionInput<
  "completeMultipartUpload",
  Given | "MultipartUpload"
> {
  readonly MultipartUpload: CompletedMultipartUpload;
}

/** Parameters of the listing of an upload's parts. */
export type PartsFilter = Omit<ListPartsCommandInput, Given>;

export interface S3MultipartUpload extends Attributes<MultipartUpload, "Key" | "UploadId"> {}
