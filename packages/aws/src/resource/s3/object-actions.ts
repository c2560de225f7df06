import type { Wait, WaiterResult, WaitOptions } from "../../client/client-types.ts";
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
import type { S3Bucket } from "./bucket.ts";
import type { ObjectAcl } from "./configurations.ts";
import type { S3MultipartUpload } from "./multipart-upload.ts";
import type { S3ObjectVersion } from "./object-version.ts";
import {
  type ActionInput,
  type ActionOutput,
  checkIdentifiers,
  LoadableResource,
} from "./resource.ts";
import type { S3Resource } from "./s3-resource.ts";

/** What can be done with an object by its key: of `Object` and `ObjectSummary`. */
export abstract class ObjectActions<Data extends object> extends LoadableResource<Data> {
  readonly bucketName: string;
  readonly key: string;

  constructor(service: S3Resource, bucketName: string, key: string, data?: Data) {
    super(service, data);
    if (data === undefined) checkIdentifiers("an object", { bucketName, key });
    this.bucketName = bucketName;
    this.key = key;
  }

  /** GetObject: the body and what belongs to it; of a `Range`, a `VersionId`, on conditions. */
  get(input?: ActionInput<"getObject">, options?: CallOptions): Promise<ActionOutput<"getObject">> {
    return this.meta.client.getObject({ ...input, ...this.#place }, options);
  }

  /** PutObject: stores `Body` under the key. */
  put(input?: ActionInput<"putObject">, options?: CallOptions): Promise<ActionOutput<"putObject">> {
    return this.changed(this.meta.client.putObject({ ...input, ...this.#place }, options));
  }

  /** DeleteObject. One that is not there is no error. */
  delete(
    input?: ActionInput<"deleteObject">,
    options?: CallOptions,
  ): Promise<ActionOutput<"deleteObject">> {
    return this.changed(this.meta.client.deleteObject({ ...input, ...this.#place }, options));
  }

  /** CopyObject: becomes a copy of `CopySource`, up to 5 GiB; `copy` takes any size. */
  copyFrom(
    input: ActionInput<"copyObject">,
    options?: CallOptions,
  ): Promise<ActionOutput<"copyObject">> {
    return this.changed(this.meta.client.copyObject({ ...input, ...this.#place }, options));
  }

  /** RestoreObject: brings an archived object back for a while. */
  restore(
    input?: ActionInput<"restoreObject">,
    options?: CallOptions,
  ): Promise<ActionOutput<"restoreObject">> {
    return this.changed(this.meta.client.restoreObject({ ...input, ...this.#place }, options));
  }

  /** CreateMultipartUpload. Its parts cost until it is completed or aborted. */
  async initiateMultipartUpload(
    input?: ActionInput<"createMultipartUpload">,
    options?: CallOptions,
  ): Promise<S3MultipartUpload> {
    const { client } = this.meta;
    const { UploadId = "" } = await client.createMultipartUpload(
      { ...input, ...this.#place },
      options,
    );
    return this.MultipartUpload(UploadId);
  }

  /** Uploads `Body`, of any kind and length, in parts where it is large: the client's `upload`. */
  upload(input: ActionInput<"putObject">, options?: TransferOptions): Transfer<Uploaded> {
    return this.changed(this.meta.client.upload({ ...input, ...this.#place }, options));
  }

  /** Uploads a file, in parts where it is large: the client's `uploadFile`. */
  uploadFile(
    path: UploadedFile,
    input?: ActionInput<"putObject", "Bucket" | "Key" | "Body">,
    options?: TransferOptions,
  ): Transfer<Uploaded> {
    return this.changed(this.meta.client.uploadFile({ ...input, ...this.#place }, path, options));
  }

  /**
   * Downloads in parts into a file, a stream or a function; without a target, as a `Body` that
   * fetches parts ahead of its reader: the client's `download`.
   */
  download(
    target: DownloadTarget,
    input?: ActionInput<"getObject">,
    options?: DownloadOptions,
  ): Transfer<Downloaded>;
  download(
    target?: undefined,
    input?: ActionInput<"getObject">,
    options?: DownloadOptions,
  ): Transfer<DownloadedBody>;
  download(
    target?: DownloadTarget,
    input?: ActionInput<"getObject">,
    options?: DownloadOptions,
  ): Transfer<Downloaded> {
    const params = { ...input, ...this.#place };
    return this.meta.client.download(params, target as DownloadTarget, options);
  }

  /** Downloads into a file, which has its name when all of it is there: the client's `downloadFile`. */
  downloadFile(
    path: FileTarget,
    input?: ActionInput<"getObject">,
    options?: DownloadOptions,
  ): Transfer<Downloaded> {
    return this.meta.client.downloadFile({ ...input, ...this.#place }, path, options);
  }

  /** Becomes a copy of `CopySource`, of any size: the client's `copy`. */
  copy(input: ActionInput<"copyObject">, options?: TransferOptions): Transfer<Copied> {
    return this.changed(this.meta.client.copy({ ...input, ...this.#place }, options));
  }

  /** Whether the object is there: HeadObject says so, or 404. @throws any other error: `403` */
  exists(input?: ActionInput<"headObject">, options?: CallOptions): Promise<boolean> {
    return isThere(this.meta.client.headObject({ ...input, ...this.#place }, options));
  }

  /** Asks every 5 s (`delay`), 20 times, until the object is there. @throws WaiterError, TimeoutError */
  waitUntilExists(options?: WaitOptions): Promise<WaitedFor<"objectExists">> {
    return this.meta.client.waitUntil.objectExists(this.#place, options);
  }

  /** As `waitUntilExists`, until it is gone. @throws WaiterError, TimeoutError */
  waitUntilNotExists(options?: WaitOptions): Promise<WaitedFor<"objectNotExists">> {
    return this.meta.client.waitUntil.objectNotExists(this.#place, options);
  }

  Acl(): ObjectAcl {
    return this.service.ObjectAcl(this.bucketName, this.key);
  }

  Bucket(): S3Bucket {
    return this.service.Bucket(this.bucketName);
  }

  Version(id: string): S3ObjectVersion {
    return this.service.ObjectVersion(this.bucketName, this.key, id);
  }

  MultipartUpload(id: string): S3MultipartUpload {
    return this.service.MultipartUpload(this.bucketName, this.key, id);
  }

  protected override describe(): string {
    return `object "${this.bucketName}/${this.key}"`;
  }

  protected head(options?: CallOptions): Promise<ActionOutput<"headObject">> {
    return this.meta.client.headObject(this.#place, options);
  }

  get #place(): { Bucket: string; Key: string } {
    return { Bucket: this.bucketName, Key: this.key };
  }
}

/** What a waiter of S3's client resolves to. */
export type WaitedFor<Name extends keyof S3Resource["meta"]["client"]["waitUntil"]> =
  S3Resource["meta"]["client"]["waitUntil"][Name] extends Wait<never, infer Output>
    ? WaiterResult<Output>
    : never;

/** Whether what was asked for by a HEAD is there: only 404 says that it is not. */
export async function isThere(head: Promise<unknown>): Promise<boolean> {
  try {
    await head;
    return true;
  } catch (error) {
    if (error instanceof ServiceError && error.statusCode === 404) return false;
    throw error;
  }
}
