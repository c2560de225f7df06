import type { GetObjectOutput, GetObjectRequest } from "../../types/s3.d.ts";
import type { ResponseMetadata } from "../client/errors.ts";
import type { ResponseBody } from "../client/response-body.ts";
import type { Transfer } from "./transfer.ts";
import type { TransferOptions } from "./transfer-types.ts";

// Members of S3's client (`generate/render-types.ts`): `download: aws.Download; downloadFile: aws.DownloadFile;`

/** Options of a download. Parts may have any size from 1 byte on. */
export interface DownloadOptions extends Pick<
  TransferOptions,
  "concurrency" | "onProgress" | "partSize" | "queueBytes" | "signal"
> {
  /** Files: wait until the disk has the bytes and the name, before it is done. Default `false`. */
  readonly fsync?: boolean | undefined;
}

/** A file by its path: as text, as a `file:` URL, or as in a request's body. */
export type FileTarget = string | URL | { readonly path: string };

/**
 * Where an object's bytes go: a file; a Node stream or a web stream, which are ended, and destroyed
 * when the download fails; or a function that is given piece by piece, each after its promise for
 * the one before. All but files get the bytes in their order, with back-pressure.
 */
export type DownloadTarget =
  | FileTarget
  | NodeJS.WritableStream
  | WritableStream<Uint8Array>
  | ((piece: Buffer) => unknown);

/**
 * What was downloaded: the members of `GetObject`'s output. `ContentLength` counts all bytes of the
 * download, and `ContentRange` is there when a part of the object was asked for.
 */
export type Downloaded = Omit<GetObjectOutput, "Body"> & {
  readonly $metadata: ResponseMetadata;
};

/** What was downloaded without a target: its `Body` fetches parts ahead of its reader. */
export type DownloadedBody = Downloaded & { readonly Body: ResponseBody };

/** `s3.download`. */
export interface Download {
  /**
   * Downloads an object into a target, in parts that are fetched at the same time. The result comes
   * when the target has all of it.
   *
   * @throws ServiceError as `getObject`; `PreconditionFailed` when the object was replaced meanwhile
   */
  (
    params: GetObjectRequest,
    target: DownloadTarget,
    options?: DownloadOptions,
  ): Transfer<Downloaded>;
  /**
   * Without a target the result comes when the object has been found; its `Body` can be read as that
   * of `getObject`, and fetches several parts ahead. The options hold until it has been read.
   */
  (
    params: GetObjectRequest,
    target?: undefined,
    options?: DownloadOptions,
  ): Transfer<DownloadedBody>;
}

/** `s3.downloadFile`. */
export type DownloadFile = (
  params: GetObjectRequest,
  path: FileTarget,
  options?: DownloadOptions,
) => Transfer<Downloaded>;
