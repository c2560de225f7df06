import type {
  CopyObjectOutput,
  CopyObjectRequest,
  PutObjectOutput,
  PutObjectRequest,
} from "../../types/s3.d.ts";
import type { FileInput } from "../client/client-types.ts";
import type { ResponseMetadata } from "../client/errors.ts";
import type { Transfer } from "./transfer.ts";
import type { TransferOptions, TransferredTo } from "./transfer-types.ts";

/** What was uploaded: the members of PutObject's output, where it went, and what the last call took. */
export type Uploaded = PutObjectOutput &
  TransferredTo & {
    readonly $metadata: ResponseMetadata;
  };

/** What was copied: the members of CopyObject's output, where it went, and what the last call took. */
export type Copied = CopyObjectOutput &
  TransferredTo & {
    readonly $metadata: ResponseMetadata;
  };

/** A file to upload by its path: as text, as a `file:` URL, or a part of it as in a request's body. */
export type UploadedFile = string | URL | FileInput;

/**
 * `s3.upload`: uploads a body of any kind and length, with one PutObject or, from the threshold on,
 * in parts that are sent at the same time.
 *
 * @param params the input of PutObject. Conditions (`IfMatch`, `IfNoneMatch`) hold at its end.
 * @returns rejects with the first error; after a failure in parts it has the member `uploadId`, and
 * `abortError` if the parts could not be removed from the server.
 */
export type Upload = (params: PutObjectRequest, options?: TransferOptions) => Transfer<Uploaded>;

/** `s3.uploadFile`: uploads a file; as `upload` with `Body: { path }`. */
export type UploadFile = (
  params: Omit<PutObjectRequest, "Body">,
  path: UploadedFile,
  options?: TransferOptions,
) => Transfer<Uploaded>;

/**
 * `s3.copy`: copies an object of any size within the service, with CopyObject or, from 5 GiB on, in
 * parts, with metadata and tags as CopyObject does it.
 *
 * @param params the input of CopyObject.
 * @returns rejects as `upload` does.
 */
export type Copy = (params: CopyObjectRequest, options?: TransferOptions) => Transfer<Copied>;
